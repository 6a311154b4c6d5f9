"""Folding supports into counts, recounting them, and crossing thresholds. Each runs as a job, one at a time.

A fold counts anew every subject touched since the fold before, and a little earlier: clocks of several machines differ
and a transaction may commit late. Nothing is ever added to a number, so running twice counts nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count as CountOf
from django.db.models import Q

from jobs.api import enqueue
from participation.models import Count, CountDifference, Merge, Residence, Review, ReviewItem, Subject, Support
from participation.operations.subjects import needed_by
from participation.rules import thresholds
from participation.rules.thresholds import place_of

OVERLAP = timedelta(minutes=10)
"""How far before the last fold a fold looks again."""
OPEN_CASE = "participation.open_case"


@transaction.atomic
def fold(*, now: datetime) -> int:
    """Count anew what changed; how many subjects. Their thresholds are crossed here and nowhere else."""
    last = Count.objects.order_by("-folded_at").values_list("folded_at", flat=True).first()
    since = (last or now - timedelta(days=36_500)) - OVERLAP
    touched = set(Support.objects.filter(at__gt=since).values_list("subject_id", flat=True).distinct())
    touched |= set(Support.objects.filter(withdrawn_at__gt=since).values_list("subject_id", flat=True).distinct())
    recount(subject_ids=touched, now=now)
    return len(touched)


@transaction.atomic
def recount(*, subject_ids: Collection[int], now: datetime) -> None:
    """Count these subjects and those into which they are merged, and see whether a threshold is crossed."""
    into = Subject.objects.filter(pk__in=subject_ids, merged_into__isnull=False).values_list(
        "merged_into_id", flat=True
    )
    for subject in Subject.objects.filter(pk__in={*subject_ids, *into}).order_by("pk"):
        Count.objects.update_or_create(subject=subject, defaults={**tally_of(subject), "folded_at": now})
        cross(subject=subject, now=now)


def tally_of(subject: Subject) -> dict[str, Any]:
    """What a count row says of a subject, from its supports."""
    standing = standing_of([subject.pk])
    carried = _carried(subject)
    everyone = Q(subject=subject) | carried if carried else Q(subject=subject)
    counted = Support.objects.filter(everyone, withdrawn_at=None).exclude(_aside())
    return {
        "total": counted.values("person_id").distinct().count() if carried else standing.count(),
        "own": standing.count(),
        "in_review": Support.objects.filter(subject=subject, withdrawn_at=None).filter(_aside(open_only=True)).count(),
        "by_kind": dict(standing.values_list("kind").annotate(n=CountOf("pk")).order_by("kind")),
        "places": _places(subject, counted),
    }


def standing_of(subject_ids: Iterable[int]) -> Any:
    """Supports of these subjects that count: not taken back, not set aside by a review."""
    return Support.objects.filter(subject_id__in=list(subject_ids), withdrawn_at=None).exclude(_aside())


def _aside(*, open_only: bool = False) -> Q:
    """The condition on supports that an undecided or upheld review set aside."""
    states = [Review.State.OPEN] if open_only else [Review.State.OPEN, Review.State.UPHELD]
    return Q(pk__in=ReviewItem.objects.filter(review__state__in=states).values("support_id"))


def _carried(subject: Subject) -> Q | None:
    """The condition on supports of subjects merged into this one, without those who opted out; None without merges."""
    merges = Merge.objects.filter(into=subject, undone_at=None)
    condition = None
    for merge in merges:
        part = Q(subject_id=merge.source_id) & ~Q(person_id__in=merge.opt_outs.values("person_id"))
        condition = part if condition is None else condition | part
    return condition


def _places(subject: Subject, counted: Any) -> int:
    """From how many communes or regions supporters declared to come."""
    if not thresholds.RULES[subject.reach].places:
        return 0
    people = Residence.objects.filter(person_id__in=counted.values("person_id"))
    return len({place_of(subject.reach, commune) for commune in people.values_list("commune", flat=True).distinct()})


@transaction.atomic
def cross(*, subject: Subject, now: datetime) -> bool:
    """Begin the duty to answer if the count is enough: once, by one conditional update."""
    count = Count.objects.get(subject=subject)
    if subject.crossed_at is not None or subject.closed_at is not None or subject.merged_into_id is not None:
        return False
    if not thresholds.is_crossed(total=count.total, places=count.places, needed=needed_by(subject)):
        return False
    if not Subject.objects.filter(pk=subject.pk, crossed_at=None).update(crossed_at=now):
        return False
    enqueue(kind=OPEN_CASE, payload={"subject": subject.pk, "round": 1}, now=now, agency_id=subject.agency_id)
    return True


@transaction.atomic
def recount_all(*, now: datetime) -> int:
    """The nightly recount: every count against its supports; each difference is published. How many there were."""
    shown = {count.subject_id: count for count in Count.objects.all()}
    real = _real_totals()
    wrong = [pk for pk in {*shown, *real} if real[pk] != (shown[pk].own if pk in shown else 0)]
    settled = [pk for pk in wrong if not _is_fresh(pk, now)]
    CountDifference.objects.bulk_create(
        CountDifference(subject_id=pk, shown=shown[pk].own if pk in shown else 0, recounted=real[pk], at=now)
        for pk in settled
    )
    recount(subject_ids=wrong, now=now)
    return len(settled)


def _real_totals() -> Counter[int]:
    """{subject: supports that count} over the whole table."""
    rows = Support.objects.filter(withdrawn_at=None).exclude(_aside()).values_list("subject_id")
    return Counter(dict(rows.annotate(n=CountOf("pk")).order_by("subject_id")))


def _is_fresh(subject_id: int, now: datetime) -> bool:
    """Whether it changed so lately that the fold may not have come to it: a delay, not a difference."""
    lately = now - OVERLAP
    return Support.objects.filter(Q(at__gt=lately) | Q(withdrawn_at__gt=lately), subject_id=subject_id).exists()
