"""Forgetting what nobody finished: drafts untouched for thirty days, and who began them without signing in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.api import forget_declared_person
from accounts.models import DECLARED, Person
from jobs.api import Job
from workflows.drafts import KEPT
from workflows.models import Draft

FORGET_DRAFTS = "workflows.forget_drafts"
"""Kind of the daily job."""
AT_ONCE = 500
"""Drafts of one round; the next day takes the rest."""


def forget_drafts(job: Job, now: datetime) -> dict[str, Any]:
    """Delete old drafts of new applications with their files; those being signed and answers to corrections stay."""
    old = Draft.objects.filter(changed_at__lt=now - KEPT, filed_at=None, task=None, signing_since=None)
    gone = sum(_forget(pk, now) for pk in list(old.order_by("changed_at").values_list("pk", flat=True)[:AT_ONCE]))
    return {"removed": gone, "people": _forget_nameless()}


@transaction.atomic
def _forget(pk: int, now: datetime) -> int:
    """Delete one draft unless somebody touched it meanwhile; how many went."""
    rows = Draft.objects.select_for_update(of=("self",))
    draft = rows.filter(pk=pk, changed_at__lt=now - KEPT, filed_at=None, signing_since=None).first()
    if draft is None:
        return 0
    draft.delete()
    return 1


def _forget_nameless() -> int:
    """Remove who began without signing in and has nothing left here; a name is written only when filing."""
    nameless = Person.objects.filter(document_kind=DECLARED, given_names="", drafts=None, cases=None)
    return sum(forget_declared_person(person=person) for person in nameless.order_by("pk")[:AT_ONCE])
