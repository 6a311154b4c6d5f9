"""Reads of answers owed and given, and of the roadmap."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import QuerySet

from participation.models import Answer, Evidence, Merge, Review, StageEvent, Subject, Support
from participation.rules.demand import MINIMUM, Interval, Spread, spread, yearly


def owed() -> QuerySet[Answer]:
    """Answers not given yet, the most overdue first."""
    return _answers().filter(answered_at=None).order_by("due_on", "pk")


def given() -> QuerySet[Answer]:
    """Answers given, the latest first."""
    return _answers().filter(answered_at__isnull=False).order_by("-answered_at")


def _answers() -> QuerySet[Answer]:
    return Answer.objects.select_related("subject", "agency")


def unanswerable() -> QuerySet[Subject]:
    """Subjects that crossed their threshold and whose institution promised nothing: silence is public too."""
    crossed = Subject.objects.filter(listed=True, crossed_at__isnull=False, answers=None)
    return crossed.select_related("agency", "count").order_by("crossed_at")


def is_late(answer: Answer, today: date) -> bool:
    """Whether the answer is still owed after its last day."""
    return answer.answered_at is None and answer.due_on is not None and answer.due_on < today


def answers_of(subject: Subject) -> list[Answer]:
    """The answers of a subject, the first one first."""
    return list(_answers().filter(subject=subject).order_by("round"))


def stages_of(subject: Subject) -> list[StageEvent]:
    """How a subject moved on the roadmap, in order."""
    return list(subject.stages.order_by("at", "pk"))


def reviews_of(subject: Subject) -> list[Review]:
    """The reviews of a subject's supports, the latest first."""
    return list(subject.reviews.order_by("-opened_at"))


def merges_of(subject: Subject) -> list[Merge]:
    """Open merges of which the subject is either side."""
    rows = Merge.objects.filter(undone_at=None).select_related("source", "into")
    return list(rows.filter(source=subject) | rows.filter(into=subject))


class Demand:
    """What supporters say a subject costs them today. Medians of enough answers only."""

    def __init__(self, subject: Subject) -> None:
        rows = list(_evidence(subject))
        self.answers = len(rows)
        self.times = self._spread(rows, "times_a_year")
        self.minutes = self._spread(rows, "minutes")
        self.distance = self._spread(rows, "distance_km")
        self.pesos = self._spread(rows, "pesos")
        self.papers = _papers(rows)
        self.people = subject.users_a_year or 0

    def _spread(self, rows: list[Evidence], name: str) -> Spread | None:
        return spread([value for row in rows if (value := getattr(row, name)) is not None])

    def hours_a_year(self, supporters: int) -> Interval | None:
        """Hours a year of those who support: people × times × minutes ÷ 60."""
        return yearly(supporters, self.times, self.minutes, unit=60)

    def pesos_a_year(self, supporters: int) -> Interval | None:
        """Pesos a year of those who support: people × times × pesos."""
        return yearly(supporters, self.times, self.pesos)


def _evidence(subject: Subject) -> QuerySet[Evidence]:
    standing = Support.objects.filter(subject=subject, withdrawn_at=None)
    return Evidence.objects.filter(support__in=standing)


def _papers(rows: list[Evidence]) -> list[tuple[str, int]]:
    """(paper, how many people) of what at least the minimum of people brought."""
    counted = Counter(paper for row in rows for paper in set(row.papers))
    return [(paper, number) for paper, number in counted.most_common() if number >= MINIMUM]
