"""Setting supports aside for review, and merging subjects: with public reasons, and all of it can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Person
from participation.errors import AlreadyDecided, CannotMerge, NeedsAnother, NotAllowed, NotSupporter
from participation.models import Merge, MergeOptOut, Review, ReviewItem, Subject
from participation.operations.counting import recount, standing_of
from participation.operations.roadmap import tell_supporters
from participation.queries.powers import may_moderate
from participation.queries.subjects import support_of


def reviewable(subject: Subject, supports_from: datetime, supports_to: datetime) -> int:
    """How many supports a review of this span would set aside: the preview."""
    return int(standing_of([subject.pk]).filter(at__gte=supports_from, at__lte=supports_to).count())


@transaction.atomic
def open_review(
    *, subject: Subject, supports_from: datetime, supports_to: datetime, reason: str, by: Person, now: datetime
) -> Review:
    """Set aside the supports given in a span of time, until another person decides. Raises NotAllowed."""
    if not may_moderate(by, now):
        raise NotAllowed
    found = list(standing_of([subject.pk]).filter(at__gte=supports_from, at__lte=supports_to))
    review = Review.objects.create(
        subject=subject,
        reason=reason[:500],
        supports_from=supports_from,
        supports_to=supports_to,
        size=len(found),
        opened_at=now,
        opened_by=by,
    )
    ReviewItem.objects.bulk_create(ReviewItem(review=review, support=support) for support in found)
    recount(subject_ids=[subject.pk], now=now)
    return review


@transaction.atomic
def decide_review(*, review: Review, uphold: bool, by: Person, now: datetime) -> Review:
    """Exclude the batch or give it back; restoring also undoes an exclusion. Raises NotAllowed, NeedsAnother."""
    if not may_moderate(by, now):
        raise NotAllowed
    if uphold and review.opened_by_id == by.pk:
        raise NeedsAnother
    allowed = [Review.State.OPEN] if uphold else [Review.State.OPEN, Review.State.UPHELD]
    state = Review.State.UPHELD if uphold else Review.State.RESTORED
    decider = None if review.opened_by_id == by.pk else by  # taking back one's own doubt needs nobody else
    if not Review.objects.filter(pk=review.pk, state__in=allowed).update(
        state=state, decided_at=now, decided_by=decider
    ):
        raise AlreadyDecided
    recount(subject_ids=[review.subject_id], now=now)
    return Review.objects.get(pk=review.pk)


@dataclass(frozen=True)
class MergePreview:
    """How many people a merge would count: "A 412 + B 97 = 471 personas, 38 en ambas"."""

    source: int
    into: int
    both: int

    @property
    def together(self) -> int:
        """Distinct people."""
        return self.source + self.into - self.both


def preview_merge(source: Subject, into: Subject) -> MergePreview:
    """What a merge would count, before anybody decides it."""
    first, second = standing_of([source.pk]), standing_of([into.pk])
    both = first.filter(person_id__in=second.values("person_id")).count()
    return MergePreview(first.count(), second.count(), both)


@transaction.atomic
def merge(*, source: Subject, into: Subject, reason: str, by: Person, now: datetime) -> Merge:
    """Count `source` with `into`. Its supporters are told and may opt out. Raises NotAllowed, CannotMerge."""
    if not may_moderate(by, now):
        raise NotAllowed
    pair = Subject.objects.select_for_update(of=("self",)).filter(pk__in=[source.pk, into.pk]).order_by("pk")
    if len(pair) != 2 or any(_is_bound(one) for one in pair) or source.merged.exists():
        raise CannotMerge
    row = Merge.objects.create(source=source, into=into, reason=reason[:500], by=by, at=now)
    Subject.objects.filter(pk=source.pk).update(merged_into=into)
    tell_supporters(subject=source, what=f"merge:{row.pk}", now=now)
    recount(subject_ids=[source.pk, into.pk], now=now)
    return row


def _is_bound(subject: Subject) -> bool:
    return subject.merged_into_id is not None or subject.closed_at is not None or not subject.listed


@transaction.atomic
def undo_merge(*, merge: Merge, by: Person, now: datetime) -> Merge:
    """Part what was merged; every support is where it always was. Raises NotAllowed and AlreadyDecided."""
    if not may_moderate(by, now):
        raise NotAllowed
    if not Merge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=now, undone_by=by):
        raise AlreadyDecided
    Subject.objects.filter(pk=merge.source_id).update(merged_into=None)
    recount(subject_ids=[merge.source_id, merge.into_id], now=now)
    return Merge.objects.get(pk=merge.pk)


@transaction.atomic
def opt_out(*, merge: Merge, by: Person, now: datetime) -> MergeOptOut:
    """A supporter of the source is not counted for the other one. Raises NotSupporter."""
    if support_of(by, merge.source) is None:
        raise NotSupporter
    row, _ = MergeOptOut.objects.get_or_create(merge=merge, person=by, defaults={"at": now})
    recount(subject_ids=[merge.into_id], now=now)
    return row
