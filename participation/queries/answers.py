"""Reads of answers owed and given, and of the roadmap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q, QuerySet

from participation.models import Answer, Merge, Review, Stage, StageEvent, Subject
from participation.operations.counting import standing
from participation.queries.carrying import carried
from participation.rules.demand import Interval, kept_spread, yearly

OPENED = (Stage.PILOT, Stage.LIVE, Stage.MEASURED)
"""Stages in which what was asked for can be used."""


def owed() -> QuerySet[Answer]:
    """Answers not given yet, the most overdue first."""
    return _answers().filter(answered_at=None).order_by("due_on", "pk")


def given() -> QuerySet[Answer]:
    """Answers given, the latest first."""
    return _answers().filter(answered_at__isnull=False).order_by("-answered_at")


def _answers() -> QuerySet[Answer]:
    return Answer.objects.select_related("subject", "agency", "to_agency", "previous__agency")


def unanswerable() -> QuerySet[Subject]:
    """Subjects that crossed their threshold and whose institution promised nothing: silence is public too.

    Also those passed on to an institution that promised nothing.
    """
    passed_on = Q(stage=Stage.TRANSFERRED, closed_at=None)
    owing = Answer.objects.filter(answered_at=None).values("subject_id")
    crossed = Subject.objects.filter(Q(answers=None) | passed_on, listed=True, crossed_at__isnull=False)
    crossed = crossed.exclude(pk__in=owing).distinct()
    return crossed.select_related("agency", "count").order_by("crossed_at")


def is_late(answer: Answer, today: date) -> bool:
    """Whether the answer is still owed after its last day."""
    return answer.answered_at is None and answer.due_on is not None and answer.due_on < today


def is_broken(answer: Answer, today: date) -> bool:
    """Whether the day promised for it passed and it is not open."""
    return answer.by_date is not None and answer.by_date < today and answer.subject.stage not in OPENED


def answers_of(subject: Subject) -> list[Answer]:
    """The answers of a subject, the first one first."""
    return list(_answers().filter(subject=subject).order_by("round", "pk"))


def answers_of_all(subjects: Iterable[Subject]) -> dict[int, list[Answer]]:
    """{subject: its answers, the first one first}, in one query."""
    found: dict[int, list[Answer]] = {subject.pk: [] for subject in subjects}
    for answer in _answers().filter(subject__in=found).order_by("round", "pk"):
        found[answer.subject_id].append(answer)
    return found


def contestable(code: str) -> Answer | None:
    """The last answer of a subject's first round: the one that supporters may object to."""
    return _answers().filter(subject__code=code, round=1).order_by("-pk").first()


def objections(answer: Answer) -> int:
    """How many objected whose support counts: one taken back, or set aside by a review, objects to nothing."""
    supporters = standing().filter(carried(answer.subject)).values("person_id")
    return answer.contests.filter(person_id__in=supporters).count()


def stages_of(subject: Subject) -> list[StageEvent]:
    """How a subject moved on the roadmap, in order."""
    return list(subject.stages.order_by("at", "pk"))


def reviews_of(subject: Subject) -> list[Review]:
    """The reviews of a subject's supports, the latest first; `here` of each are supports of this subject."""
    here = Count("items", filter=Q(items__support__subject=subject))
    rows = Review.objects.filter(Q(subject=subject) | Q(subject=None)).annotate(here=here).filter(here__gt=0)
    return list(rows.order_by("-opened_at"))


def merges_of(subject: Subject) -> list[Merge]:
    """Merges of which the subject is either side, those undone as well, in order."""
    rows = Merge.objects.filter(Q(source=subject) | Q(into=subject)).select_related("source", "into")
    return list(rows.order_by("pk"))


class Demand:
    """What supporters say a subject costs them today, as last folded. Medians of enough answers only."""

    def __init__(self, subject: Subject) -> None:
        count = getattr(subject, "count", None)
        kept = count.demand if count else {}
        self.answers = kept.get("answers", 0)
        self.times, self.minutes = kept_spread(kept, "times_a_year"), kept_spread(kept, "minutes")
        self.days, self.visits = kept_spread(kept, "days"), kept_spread(kept, "visits")
        self.distance, self.pesos = kept_spread(kept, "distance_km"), kept_spread(kept, "pesos")
        self.papers = [(paper, number) for paper, number in kept.get("papers", [])]

    def hours_a_year(self, people: int) -> Interval | None:
        """Hours a year of so many people: people × times × minutes ÷ 60."""
        return yearly(people, self.times, self.minutes, unit=60)

    def pesos_a_year(self, people: int) -> Interval | None:
        """Pesos a year of so many people: people × times × pesos."""
        return yearly(people, self.times, self.pesos)
