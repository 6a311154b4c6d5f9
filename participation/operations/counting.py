"""Folding supports into counts, recounting them, and crossing thresholds. Each runs as a job, one at a time.

A fold counts anew every subject touched since the fold before, and a little earlier: clocks of several machines differ
and a transaction may commit late. Nothing is ever added to a number, so running twice counts nothing twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count as CountOf
from django.db.models import Q, QuerySet
from django.db.models.functions import Substr

from jobs.api import enqueue
from participation.models import (
    Count,
    CountDifference,
    Evidence,
    Folded,
    Merge,
    Residence,
    Review,
    ReviewItem,
    Subject,
    Support,
)
from participation.operations.subjects import needed_by
from participation.queries.carrying import carried
from participation.rules import demand, few, thresholds

OVERLAP = timedelta(minutes=10)
"""How far before the last fold a fold looks again."""
FOLD = "fold"
"""Under which name the last fold is kept: counts are also made between folds, of single subjects."""
OPEN_CASE = "participation.open_case"
LETTERS = {"commune": 5, "region": 2}
"""How much of a declared commune's code names the place."""


@transaction.atomic
def fold(*, now: datetime) -> int:
    """Count anew what changed; how many subjects. Their thresholds are crossed here and nowhere else."""
    last = Folded.objects.filter(name=FOLD).values_list("folded_at", flat=True).first()
    since = (last or now - timedelta(days=36_500)) - OVERLAP
    given = set(Support.objects.filter(at__gt=since).values_list("subject_id", flat=True).distinct())
    retold = set(Support.objects.filter(withdrawn_at__gt=since).values_list("subject_id", flat=True).distinct())
    retold |= set(Evidence.objects.filter(at__gt=since).values_list("support__subject_id", flat=True).distinct())
    touched = given | retold | _moved(since)
    recount(subject_ids=touched, now=now, retold=retold)
    Folded.objects.update_or_create(name=FOLD, defaults={"folded_at": now})
    return len(touched)


def _moved(since: datetime) -> set[int]:
    """Subjects that need places and have a supporter who said since then where they live."""
    declared = Residence.objects.filter(declared_at__gt=since).values("person_id")
    supports = Support.objects.filter(person_id__in=declared, withdrawn_at=None, subject__spread__gt=0)
    return set(supports.values_list("subject_id", flat=True).distinct())


@transaction.atomic
def recount(*, subject_ids: Collection[int], now: datetime, retold: Collection[int] | None = None) -> None:
    """Count these subjects and those into which they are merged, and see whether a threshold is crossed.

    `retold`: those of them whose evidence changed; all of them when it is not known.
    """
    into = Subject.objects.filter(pk__in=subject_ids, merged_into__isnull=False).values_list(
        "merged_into_id", flat=True
    )
    subjects = list(Subject.objects.filter(pk__in={*subject_ids, *into}).select_related("count").order_by("pk"))
    tallies = tallies_of(subjects)
    for pk, told in _told([one.pk for one in subjects] if retold is None else retold).items():
        tallies[pk]["demand"] = told
    for subject in subjects:
        found = tallies[subject.pk]
        people = found.pop("people", found["total"])
        _write(subject, found, now)
        cross(subject=subject, found={"total": people, "places": found["places"]}, now=now)
    Count.objects.filter(subject__in=subjects).update(folded_at=now)


def _write(subject: Subject, found: Mapping[str, Any], now: datetime) -> None:
    """Write what was counted where it differs from what stands."""
    count = getattr(subject, "count", None)
    if count is None:
        Count.objects.update_or_create(subject=subject, defaults={**found, "folded_at": now})
    elif any(getattr(count, name) != value for name, value in found.items()):
        Count.objects.filter(pk=count.pk).update(**found)


def tallies_of(subjects: Collection[Subject]) -> dict[int, dict[str, Any]]:
    """What the count row of each subject says of its supports: a query of each kind for all of them.

    Of those into which others are merged also `people`, all of them: what obliges to answer and no page shows.
    """
    ids = [subject.pk for subject in subjects]
    kinds: dict[int, dict[str, int]] = defaultdict(dict)
    by_kind = standing_of(ids).values_list("subject_id", "kind").annotate(n=CountOf("pk"))
    for pk, kind, number in by_kind.order_by("subject_id", "kind"):
        kinds[pk][kind] = number
    aside = Support.objects.filter(set_aside(open_only=True), subject_id__in=ids, withdrawn_at=None)
    in_review = Counter(dict(aside.values_list("subject_id").annotate(n=CountOf("pk")).order_by("subject_id")))
    places = _places(subjects)
    tallies: dict[int, dict[str, Any]] = {
        pk: {
            "total": sum(kinds[pk].values()),
            "own": sum(kinds[pk].values()),
            "in_review": in_review[pk],
            "by_kind": kinds[pk],
            "places": places[pk],
        }
        for pk in ids
    }
    for subject in _carriers(subjects):
        tallies[subject.pk] |= _with_merged(subject)
    return tallies


def standing_of(subject_ids: Iterable[int]) -> QuerySet[Support]:
    """Supports of these subjects that count: not taken back, not set aside by a review."""
    return standing().filter(subject_id__in=list(subject_ids))


def standing() -> QuerySet[Support]:
    """Every support that counts."""
    return Support.objects.filter(withdrawn_at=None).exclude(set_aside())


def set_aside(*, open_only: bool = False) -> Q:
    """The condition on supports that a review holds: undecided, or upheld unless only the open ones are asked for."""
    held = ReviewItem.objects.filter(holds=True)
    held = held.filter(review__state=Review.State.OPEN) if open_only else held
    return Q(pk__in=held.values("support_id"))


def _carriers(subjects: Collection[Subject]) -> list[Subject]:
    """Those into which others are merged."""
    carrying = set(Merge.objects.filter(into__in=subjects, undone_at=None).values_list("into_id", flat=True))
    return [subject for subject in subjects if subject.pk in carrying]


def _with_merged(subject: Subject) -> dict[str, int]:
    """People, and their places, with those of the subjects merged into it that did not opt out."""
    counted = standing().filter(carried(subject))
    people = {"people": counted.values("person_id").distinct().count(), "total": _shown_with_merged(subject)}
    letters = LETTERS.get(thresholds.RULES[subject.reach].places)
    if letters is None:
        return people
    place = Substr("person__residence__commune", 1, letters)
    named = counted.filter(person__residence__isnull=False).annotate(place=place)
    return {**people, "places": named.values("place").distinct().count()}


def _shown_with_merged(subject: Subject) -> int:
    """Distinct people as published, never more than they are: whom a merge does not add, if few, is not told exactly.

    Each request's own number is public: less it, the exact total would tell how many support both or opted out.
    """
    seen, total = standing_of([subject.pk]), standing_of([subject.pk]).count()
    for merge in Merge.objects.filter(into=subject, undone_at=None).order_by("pk"):
        own = standing_of([merge.source_id])
        left_out = merge.opt_outs.values("person_id")
        repeated = own.filter(Q(person_id__in=seen.values("person_id")) | Q(person_id__in=left_out)).count()
        total += max(0, own.count() - few.at_least_few(repeated))
        seen = seen | own.exclude(person_id__in=left_out)
    return total


def _places(subjects: Iterable[Subject]) -> Counter[int]:
    """{subject: from how many communes or regions its supporters declared to come}, where its reach asks for it."""
    found: Counter[int] = Counter()
    for places, letters in LETTERS.items():
        ids = [subject.pk for subject in subjects if thresholds.RULES[subject.reach].places == places]
        rows = standing_of(ids).filter(person__residence__isnull=False) if ids else Support.objects.none()
        named = rows.annotate(place=Substr("person__residence__commune", 1, letters)).values_list("subject_id")
        found.update(dict(named.annotate(n=CountOf("place", distinct=True)).order_by("subject_id")))
    return found


def _told(subject_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """{subject: what its supporters say it costs them}."""
    rows: dict[int, list[dict[str, Any]]] = {pk: [] for pk in subject_ids}
    names = ("support__subject_id", "papers", *demand.MOST)
    told = Evidence.objects.filter(support__subject_id__in=subject_ids, support__withdrawn_at=None).values(*names)
    for row in told.iterator():
        rows[row["support__subject_id"]].append(row)
    return {pk: demand.summed(answers) for pk, answers in rows.items()}


@transaction.atomic
def cross(*, subject: Subject, found: Mapping[str, Any], now: datetime) -> bool:
    """Begin the duty to answer if what was counted is enough: once, by one conditional update."""
    if subject.crossed_at is not None or subject.closed_at is not None or subject.merged_into_id is not None:
        return False
    if not thresholds.is_crossed(total=found["total"], places=found["places"], needed=needed_by(subject)):
        return False
    if not Subject.objects.filter(pk=subject.pk, crossed_at=None).update(crossed_at=now):
        return False
    enqueue(kind=OPEN_CASE, payload={"subject": subject.pk, "round": 1}, now=now, agency_id=subject.agency_id)
    return True


@transaction.atomic
def recount_all(*, now: datetime) -> int:
    """The nightly recount: every count against its supports; each difference is published. How many there were.

    Those that carry others are counted anew whatever their own supports say: so are the people merged into them.
    """
    shown = {count.subject_id: count for count in Count.objects.all()}
    real = _real_totals()
    wrong = [pk for pk in {*shown, *real} if real[pk] != (shown[pk].own if pk in shown else 0)]
    settled = [pk for pk in wrong if not _is_fresh(pk, now)]
    CountDifference.objects.bulk_create(
        CountDifference(subject_id=pk, shown=shown[pk].own if pk in shown else 0, recounted=real[pk], at=now)
        for pk in settled
    )
    carrying = Merge.objects.filter(undone_at=None).values_list("into_id", flat=True)
    recount(subject_ids={*wrong, *carrying}, now=now)
    return len(settled)


def _real_totals() -> Counter[int]:
    """{subject: supports that count} over the whole table."""
    rows = standing().values_list("subject_id")
    return Counter(dict(rows.annotate(n=CountOf("pk")).order_by("subject_id")))


def _is_fresh(subject_id: int, now: datetime) -> bool:
    """Whether it changed so lately that the fold may not have come to it: a delay, not a difference."""
    lately = now - OVERLAP
    return Support.objects.filter(Q(at__gt=lately) | Q(withdrawn_at__gt=lately), subject_id=subject_id).exists()
