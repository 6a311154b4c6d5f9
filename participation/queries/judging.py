"""Reads of texts that wait for a moderator, and of those that moderators decided."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from accounts.models import Person
from participation.models import Addendum, Judgement, Proposal, Subject


def pending_proposals() -> QuerySet[Proposal]:
    """Proposals that nobody decided, the oldest first."""
    found = Proposal.objects.filter(state=Proposal.State.PENDING).select_related("subject__proposal")
    return found.prefetch_related(_refusals()).order_by("created_at")


def pending_addenda() -> QuerySet[Addendum]:
    """Addenda that nobody decided, the oldest first."""
    found = Addendum.objects.filter(~Exists(_final())).select_related("subject__proposal")
    return found.prefetch_related(_refusals()).order_by("at")


def _refusals() -> Prefetch[str]:
    return Prefetch("judgements", Judgement.objects.filter(is_final=False).select_related("by").order_by("pk"))


def _final() -> QuerySet[Judgement]:
    return Judgement.objects.filter(addendum=OuterRef("pk"), is_final=True)


def addenda_of(subject: Subject) -> list[Addendum]:
    """What its author added and was published, in order."""
    return list(subject.addenda.filter(Exists(_final().filter(publish=True))).order_by("at"))


def own_addenda(subject: Subject, author: Person | None) -> list[tuple[Addendum, str]]:
    """What its author added and is not public, with why not; empty while it waits. Nothing to anybody else."""
    if author is None or not hasattr(subject, "proposal") or subject.proposal.author_id != author.pk:
        return []
    final = Prefetch("judgements", Judgement.objects.filter(is_final=True), to_attr="final")
    rows = subject.addenda.exclude(Exists(_final().filter(publish=True))).prefetch_related(final).order_by("at")
    return [(row, row.final[0].get_reason_display() if row.final else "") for row in rows]


def refused_addenda() -> Counter[str]:
    """{reason: addenda that were not published for it}."""
    rows = Judgement.objects.filter(addendum__isnull=False, is_final=True, publish=False).values_list("reason")
    return Counter(dict(rows.annotate(n=Count("pk")).order_by("reason")))
