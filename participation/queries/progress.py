"""The numbers of the progress dashboard, each from the rows it is about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth

from participation.models import Evidence, Stage, Subject, WorthIt
from participation.rules.demand import MINIMUM
from procedures.models import CatalogueEntry, Online
from workflows.models import Case, Channel

DIGITAL = (Online.HERE, Online.ELSEWHERE)
RECENT = timedelta(days=365)


@dataclass(frozen=True)
class Share:
    """How many of a group can be done online."""

    name: str
    code: str
    digital: int
    total: int

    @property
    def percent(self) -> int:
        """Whole percent, 0 of an empty group."""
        return round(100 * self.digital / self.total) if self.total else 0


def overall(agency: str = "") -> Share:
    """All procedures of the catalogue, or of one institution."""
    entries = _entries(agency)
    return Share("", agency, entries.filter(online__in=DIGITAL).count(), entries.count())


def by_institution() -> list[Share]:
    """Each institution of the catalogue, the one with most procedures first."""
    digital = Count("pk", filter=Q(online__in=DIGITAL))
    rows = CatalogueEntry.objects.values_list("institution__name", "institution__code").annotate(
        d=digital, n=Count("pk")
    )
    return [Share(name, code, d, n) for name, code, d, n in rows.order_by("-n", "institution__name")]


def by_level(agency: str = "") -> list[tuple[int | None, int]]:
    """(level of digitalisation, procedures); None where the register does not say."""
    counted = Counter(_entries(agency).values_list("level", flat=True))
    return sorted(counted.items(), key=lambda item: (item[0] is None, item[0]))


def _entries(agency: str) -> Any:
    entries = CatalogueEntry.objects.all()
    return entries.filter(institution__code=agency) if agency else entries


def from_requests(agency: str = "") -> int:
    """Procedures that opened because people asked."""
    opened = Subject.objects.filter(stage__in=[Stage.LIVE, Stage.MEASURED])
    return (opened.filter(agency__code=agency) if agency else opened).count()


def cases_by_channel(since: datetime, agency: str = "") -> list[tuple[str, int]]:
    """(door, cases filed since)."""
    rows = _cases(since, agency).values_list("channel").annotate(n=Count("pk")).order_by("-n")
    return [(str(Channel(channel).label), number) for channel, number in rows]


def cases_by_office(since: datetime, agency: str = "") -> list[tuple[str, int]]:
    """(institution, cases filed since), the busiest first."""
    rows = _cases(since, agency).values_list("agency__name").annotate(n=Count("pk")).order_by("-n", "agency__name")
    return list(rows)


def cases_by_month(since: datetime, agency: str = "") -> list[tuple[datetime, int]]:
    """(first instant of a month, cases filed in it)."""
    rows = _cases(since, agency).annotate(month=TruncMonth("filed_at")).values_list("month")
    return list(rows.annotate(n=Count("pk")).order_by("month"))


def median_days(since: datetime, agency: str = "") -> float | None:
    """The middle time from filing to end, in days, of cases that ended since; None below the minimum."""
    ended = _cases(since, agency).filter(finished__isnull=False).values_list("filed_at", "finished")
    days = [(end - start).total_seconds() / 86_400 for start, end in ended]
    return median(days) if len(days) >= MINIMUM else None


def _cases(since: datetime, agency: str) -> Any:
    cases = Case.objects.filter(filed_at__gte=since).exclude(channel=Channel.OWN_MOTION)
    return cases.filter(agency__code=agency) if agency else cases


@dataclass(frozen=True)
class Saved:
    """What the cases filed online saved, by what people told of doing the same on paper."""

    cases: int
    minutes: float | None
    """Median of a visit, as supporters told; None below the minimum of answers."""
    pesos: float | None

    @property
    def hours(self) -> int | None:
        """Cases × median minutes ÷ 60."""
        return round(self.cases * self.minutes / 60) if self.minutes is not None else None

    @property
    def money(self) -> int | None:
        """Cases × median pesos."""
        return round(self.cases * self.pesos) if self.pesos is not None else None


def saved(since: datetime, agency: str = "") -> Saved:
    """Online cases since, and the medians of everybody's evidence (of the agency's subjects, when one is named)."""
    told = Evidence.objects.filter(support__withdrawn_at=None)
    told = told.filter(support__subject__agency__code=agency) if agency else told
    online = _cases(since, agency).filter(channel=Channel.WEB).count()
    return Saved(online, _middle(told, "minutes"), _middle(told, "pesos"))


def _middle(told: Any, name: str) -> float | None:
    values = list(told.filter(**{f"{name}__isnull": False}).values_list(F(name), flat=True))
    return median(values) if len(values) >= MINIMUM else None


def satisfaction() -> tuple[int, int] | None:
    """(said it was worth it, answered) of supporters asked later; None below the minimum."""
    said = Counter(WorthIt.objects.values_list("yes", flat=True))
    return (said[True], said.total()) if said.total() >= MINIMUM else None


def most_wanted(limit: int, agency: str = "") -> list[Subject]:
    """Open subjects with most supports."""
    rows = Subject.objects.filter(listed=True, closed_at=None, merged_into=None, count__isnull=False)
    rows = rows.filter(agency__code=agency) if agency else rows
    return list(rows.select_related("count").order_by("-count__total", "pk")[:limit])
