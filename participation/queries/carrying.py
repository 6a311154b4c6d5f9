"""Whom a request counts: those who support it, and those of the requests merged into it who did not opt out."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import Person
from participation.models import Merge, Subject, Support


def carried(subject: Subject) -> Q:
    """The condition on supports that are for the subject; who asks leaves out those taken back or set aside."""
    condition = Q(subject=subject)
    for merge in Merge.objects.filter(into=subject, undone_at=None):
        condition |= Q(subject_id=merge.source_id) & ~Q(person_id__in=merge.opt_outs.values("person_id"))
    return condition


def carried_support_of(person: Person | None, subject: Subject) -> Support | None:
    """The person's support that counts for the subject: their own of it, else one of a request merged into it."""
    if person is None or subject.pk is None:
        return None
    found = Support.objects.filter(carried(subject), person=person, withdrawn_at=None).order_by("pk")
    return min(found, key=lambda one: one.subject_id != subject.pk, default=None)
