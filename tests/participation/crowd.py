"""Many people at once, for tests that need more supporters than the demonstration has names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.api import blind_index
from accounts.models import Person
from participation.models import Subject
from participation.models.supports import DEMONSTRATION
from participation.operations import supporting

GIVEN = supporting.Given(provider=DEMONSTRATION)


def crowd(size: int) -> list[Person]:
    """The first `size` people of the crowd, made when missing."""
    indexes = [blind_index(f"crowd-{number}", "person.document") for number in range(size)]
    Person.objects.bulk_create(
        [
            Person(document_kind="test", document_country="CL", document_index=index, given_names=f"Persona {number}")
            for number, index in enumerate(indexes)
        ],
        ignore_conflicts=True,
    )
    return list(Person.objects.filter(document_index__in=indexes).order_by("pk"))


def support_by(subject: Subject, people: Iterable[Person], *, now: datetime, kind: str = "digitise") -> int:
    """Each of them supports the subject; how many supports are new."""
    with transaction.atomic():
        return sum(
            supporting.insert(subject_id=subject.pk, kind=kind, person_id=person.pk, given=GIVEN, now=now)
            for person in people
        )
