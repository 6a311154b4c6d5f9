"""Forgetting what nobody finished: drafts untouched for thirty days, and who began them without signing in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.api import forget_declared_person
from accounts.models import DECLARED, Person
from jobs.api import Job, enqueue
from workflows import uploads
from workflows.drafts import KEPT
from workflows.models import CaseParty, Draft

FORGET_DRAFTS = "workflows.forget_drafts"
"""Kind of the daily job."""
AT_ONCE = 500
"""Rows of one round; where there are more, the next round follows at once."""


def forget_drafts(job: Job, now: datetime) -> dict[str, Any]:
    """Delete old drafts with their files; those being signed stay, and answers to corrections of cases under way.

    An answer that was begun by somebody who has no part in the application goes at once (D10 art. 37). When no draft is
    left, also who began one without signing in. `job.payload`: the last row that rounds before read.
    """
    drafts = _round(_forgettable(now), job.payload.get("draft", 0))
    removed = sum(_forget(pk, now) for pk in drafts)
    people = _round(_nameless(), job.payload.get("person", 0)) if len(drafts) < AT_ONCE else []
    forgotten = sum(forget_declared_person(person=one) for one in Person.objects.filter(pk__in=people))
    for name, rows in (("draft", drafts), ("person", people)):
        if len(rows) == AT_ONCE:
            enqueue(kind=FORGET_DRAFTS, payload={name: rows[-1]}, now=now)
    return {"removed": removed, "people": forgotten}


def _round(rows: QuerySet[Any], after: int) -> list[int]:
    """The keys of the next rows, in order: those that stay hold up no others."""
    return list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def _forgettable(now: datetime) -> QuerySet[Draft]:
    """What nobody finished in thirty days, and the answers to corrections that whoever holds them may not give."""
    present = CaseParty.objects.filter(case=OuterRef("task__process"), left_at=None)
    applied = CaseParty.objects.filter(case=OuterRef("task__process"), kind=CaseParty.Kind.APPLICANT)
    own = present.filter(
        Q(person=OuterRef("person")) | Q(representative=OuterRef("person")), kind=CaseParty.Kind.APPLICANT
    )
    old = Q(changed_at__lt=now - KEPT) & (Q(task=None) | Q(task__process__finished__isnull=False))
    foreign = Q(task__isnull=False, attendance=None) & Exists(applied) & ~Exists(own)
    return Draft.objects.filter(old | foreign, filed_at=None, signing_since=None)


@transaction.atomic
def _forget(pk: int, now: datetime) -> int:
    """Delete one draft unless somebody touched it meanwhile; how many went."""
    rows = Draft.objects.select_for_update(of=("self",))
    draft = rows.filter(pk__in=_forgettable(now).filter(pk=pk).values("pk")).first()
    if draft is None:
        return 0
    uploads.forget(draft)
    return 1


def _nameless() -> QuerySet[Person]:
    """Who began without signing in and has nothing left here; a name is written only when filing."""
    return Person.objects.filter(document_kind=DECLARED, given_names="", drafts=None, cases=None)
