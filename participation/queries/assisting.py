"""Reads of supports that officials wrote down."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Membership, Person
from participation.models import Assisted


def who_assists() -> QuerySet[Person]:
    """Officials who wrote down some support, by name; whoever left, too.

    Asked of those who hold or held a post, who are fewer than the supports.
    """
    wrote = Exists(Assisted.objects.filter(official=OuterRef("pk")))
    return Person.objects.filter(wrote, pk__in=Membership.objects.values("person")).order_by(
        "family_names", "given_names"
    )


def offices_of(support_ids: Collection[int]) -> dict[int, str]:
    """{support: the office where it was written down}, of those that were not given online."""
    rows = Assisted.objects.filter(support_id__in=support_ids, what=Assisted.What.GIVEN)
    return dict(rows.values_list("support_id", "attendance__agency__name"))
