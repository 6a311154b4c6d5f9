"""Setting supports aside for review, and merging subjects: with public reasons, and all of it can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet

from accounts.models import Agency, Person
from participation.errors import (
    AlreadyDecided,
    CannotMerge,
    HeldByAnother,
    NeedsAnother,
    NotAllowed,
    NotSupporter,
    OwnInstitution,
    OwnWork,
    ReasonMissing,
    SelectionChanged,
    SelectionTooSmall,
)
from participation.models import Anomalies, Assisted, Door, Merge, MergeOptOut, Review, ReviewItem, Subject, Support
from participation.models.supports import verifier_label
from participation.operations.counting import recount, standing, standing_of
from participation.operations.judging import note
from participation.operations.roadmap import tell_supporters
from participation.queries.powers import may_moderate, must_abstain
from participation.queries.subjects import support_of
from participation.rules.demand import MINIMUM
from participation.rules.few import together
from participation.rules.roadmap import CLOSING

UNDECIDED = timedelta(days=15)
"""After so long a review that nobody decided gives its supports back: doubt alone keeps nobody out of the count."""


@dataclass(frozen=True)
class Selection:
    """Which supports a review sets aside: by when, of what, who vouched and where; never by who gave them."""

    supports_from: datetime
    supports_to: datetime
    subject: Subject | None = None
    """None: of all of them."""
    provider: str = ""
    door: str = ""
    official: Person | None = None
    """Of those written down at a counter or by phone, only this official's."""
    report: Anomalies | None = None
    """What led to it; it selects nothing by itself."""
    opener: Person | None = None
    """Who opens it: what a review of theirs gave back they do not set aside again."""

    def supports(self) -> QuerySet[Support]:
        """Those that count now and would be set aside."""
        found = standing() if self.subject is None else standing_of([self.subject.pk])
        found = found.filter(at__gte=self.supports_from, at__lte=self.supports_to)
        found = found.filter(provider=self.provider) if self.provider else found
        found = found.filter(door=self.door) if self.door else found
        if self.opener is not None:
            given_back = ReviewItem.objects.filter(holds=False, review__opened_by=self.opener)
            found = found.exclude(pk__in=given_back.values("support_id"))
        if self.official is None:
            return found
        return found.filter(assisted__official=self.official, assisted__what=Assisted.What.GIVEN)


@dataclass(frozen=True)
class Preview:
    """What a review would set aside, in numbers of people. Groups of few are put together."""

    size: int
    by_subject: list[tuple[str, int]]
    few_subjects: int
    """Supports of subjects whose number is not shown."""
    by_provider: list[tuple[str, int]]
    few_providers: int
    by_door: list[tuple[str, int]]
    few_doors: int


def preview_review(selection: Selection) -> Preview:
    """What it would set aside, before anybody decides it. Raises SelectionTooSmall: nobody is singled out here."""
    found = selection.supports().order_by()
    size = found.count()
    if size < MINIMUM:
        raise SelectionTooSmall
    subjects = [(title, n) for _pk, title, n in _counted(found, "subject_id", "subject__title")]
    doors = [(str(Door(door).label), n) for door, n in _counted(found, "door")]
    providers = [(verifier_label(name), n) for name, n in _counted(found, "provider")]
    return Preview(size, *together(subjects), *together(providers), *together(doors))


def _counted(found: QuerySet[Support], *columns: str) -> Any:
    """Rows of these columns with how many supports have them; two requests may have one title."""
    return found.values_list(*columns).annotate(n=Count("pk"))


@transaction.atomic
def open_review(*, selection: Selection, reason: str, by: Person, now: datetime, expected: int | None = None) -> Review:
    """Set the selected supports aside, until another person decides.

    `expected`: how many the preview told. Raises NotAllowed, SelectionTooSmall, SelectionChanged and HeldByAnother.
    """
    if not may_moderate(by, now):
        raise NotAllowed
    found = dict(replace(selection, opener=by).supports().order_by("pk").values_list("pk", "subject_id"))
    if len(found) < MINIMUM:
        raise SelectionTooSmall
    if expected is not None and expected != len(found):
        raise SelectionChanged
    review = Review.objects.create(
        subject=selection.subject,
        reason=reason[:500],
        supports_from=selection.supports_from,
        supports_to=selection.supports_to,
        provider=selection.provider,
        door=selection.door,
        official=selection.official,
        report=selection.report,
        size=len(found),
        opened_at=now,
        opened_by=by,
    )
    _hold(review, found)
    recount(subject_ids=set(found.values()), now=now)
    note(kind="review.opened", by=by, now=now, review=review.pk, size=review.size)
    return review


def _hold(review: Review, supports: Iterable[int]) -> None:
    """Set these supports aside, in the order given. Raises HeldByAnother: the key of a hold refuses a second one."""
    try:
        ReviewItem.objects.bulk_create((ReviewItem(review=review, support_id=pk) for pk in supports), batch_size=2_000)
    except IntegrityError as refusal:
        raise HeldByAnother from refusal


@transaction.atomic
def decide_review(*, review: Review, uphold: bool, by: Person, now: datetime) -> Review:
    """Exclude the batch or give it back; restoring also undoes an exclusion.

    Raises NotAllowed, NeedsAnother, OwnWork, OwnInstitution and AlreadyDecided.
    """
    if not may_moderate(by, now):
        raise NotAllowed
    if review.official_id == by.pk or _wrote(by, review):
        raise OwnWork
    if uphold and review.opened_by_id == by.pk:
        raise NeedsAnother
    if uphold and any(must_abstain(by, agency, now) for agency in _concerned(review)):
        raise OwnInstitution
    allowed = [Review.State.OPEN] if uphold else [Review.State.OPEN, Review.State.UPHELD]
    state = Review.State.UPHELD if uphold else Review.State.RESTORED
    decider = None if review.opened_by_id == by.pk else by  # taking back one's own doubt needs nobody else
    if not Review.objects.filter(pk=review.pk, state__in=allowed).update(
        state=state, decided_at=now, decided_by=decider
    ):
        raise AlreadyDecided
    if not uphold:
        review.items.update(holds=False)
    recount(subject_ids=_touched(review), now=now)
    note(kind=f"review.{state}", by=by, now=now, review=review.pk, size=review.size)
    return Review.objects.get(pk=review.pk)


def _touched(review: Review) -> set[int]:
    """The subjects whose supports it set aside."""
    return set(review.items.values_list("support__subject_id", flat=True).distinct())


def _wrote(by: Person, review: Review) -> bool:
    """Whether they wrote down some of its supports, at a counter or by phone."""
    given = Assisted.objects.filter(official=by, what=Assisted.What.GIVEN)
    return given.filter(support__in=review.items.values("support_id")).exists()


def _concerned(review: Review) -> QuerySet[Agency]:
    """The institutions that must answer what it is about."""
    return Agency.objects.filter(pk__in=Subject.objects.filter(pk__in=_touched(review)).values("agency_id"))


@transaction.atomic
def give_back_undecided(*, now: datetime) -> int:
    """Give back the supports of reviews that nobody decided in time, in public; how many reviews."""
    lapsed = []
    for review in Review.objects.filter(state=Review.State.OPEN, opened_at__lte=now - UNDECIDED).order_by("pk"):
        if not Review.objects.filter(pk=review.pk, state=Review.State.OPEN).update(
            state=Review.State.LAPSED, decided_at=now
        ):
            continue
        review.items.update(holds=False)
        recount(subject_ids=_touched(review), now=now)
        lapsed.append(review)
    for review in lapsed:  # at the end: who holds the chain waits for no subject
        note(kind="review.lapsed", by=None, now=now, review=review.pk, size=review.size)
    return len(lapsed)


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
    """Count `source` with `into`. Its supporters are told why and may opt out.

    Raises NotAllowed, OwnInstitution, ReasonMissing and CannotMerge.
    """
    if not may_moderate(by, now):
        raise NotAllowed
    if must_abstain(by, source.agency, now):
        raise OwnInstitution
    if not reason.strip():
        raise ReasonMissing
    pair = Subject.objects.select_for_update(of=("self",)).filter(pk__in=[source.pk, into.pk]).order_by("pk")
    if len(pair) != 2 or any(_is_bound(one) for one in pair) or source.merged.exists():
        raise CannotMerge
    row = Merge.objects.create(source=source, into=into, reason=reason.strip()[:500], by=by, at=now)
    Subject.objects.filter(pk=source.pk).update(merged_into=into)
    tell_supporters(subject=source, what=f"merge:{row.pk}", now=now)
    recount(subject_ids=[source.pk, into.pk], now=now)
    note(kind="merge.made", by=by, now=now, merge=row.pk, source=source.code, into=into.code)
    return row


def _is_bound(subject: Subject) -> bool:
    return subject.merged_into_id is not None or subject.closed_at is not None or not subject.listed


@transaction.atomic
def undo_merge(*, merge: Merge, by: Person, now: datetime) -> Merge:
    """Part what was merged; every support is where it always was.

    Together they may oblige an institution to answer, so whoever works there does not part them either.
    Raises NotAllowed, OwnInstitution and AlreadyDecided.
    """
    if not may_moderate(by, now):
        raise NotAllowed
    if any(must_abstain(by, subject.agency, now) for subject in (merge.source, merge.into)):
        raise OwnInstitution
    if not Merge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=now, undone_by=by):
        raise AlreadyDecided
    parted = Subject.objects.filter(pk=merge.source_id)
    parted.exclude(stage__in=CLOSING).update(closed_at=None)  # it was settled with the other one, if at all
    parted.update(merged_into=None)
    recount(subject_ids=[merge.source_id, merge.into_id], now=now)
    note(kind="merge.undone", by=by, now=now, merge=merge.pk)
    return Merge.objects.get(pk=merge.pk)


@transaction.atomic
def opt_out(*, merge: Merge, by: Person, now: datetime) -> MergeOptOut:
    """A supporter of the source is not counted for the other one. Raises NotSupporter."""
    if support_of(by, merge.source) is None:
        raise NotSupporter
    row, _ = MergeOptOut.objects.get_or_create(merge=merge, person=by, defaults={"at": now})
    recount(subject_ids=[merge.into_id], now=now)
    return row
