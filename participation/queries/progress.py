"""The numbers of the progress dashboard, each from the rows it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth

from participation.models import ExposureCount, Folded, Knew, Stage, Subject, WorthIt
from participation.operations.figures import DEMAND
from participation.rules.demand import MINIMUM
from procedures.models import CatalogueEntry, Online
from workflows.models import Case, Channel, Draft, SatisfactionCount

DIGITAL = (Online.HERE, Online.ELSEWHERE)
RECENT = timedelta(days=365)
EASY = 4
"""Least score, of five, of who found a procedure easy."""


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
    days = _days(_cases(since, agency))
    return median(days) if len(days) >= MINIMUM else None


def _days(cases: Any) -> list[float]:
    """Days from filing to end of those that ended."""
    ended = cases.filter(finished__isnull=False).values_list("filed_at", "finished")
    return [(end - start).total_seconds() / 86_400 for start, end in ended]


def _cases(since: datetime, agency: str) -> Any:
    cases = Case.objects.filter(filed_at__gte=since).exclude(channel=Channel.OWN_MOTION)
    return cases.filter(agency__code=agency) if agency else cases


@dataclass(frozen=True)
class Office:
    """A counter, and what it filed for the people it attended."""

    name: str
    filed: int
    others: int
    """Of procedures of other institutions."""

    @property
    def percent(self) -> int:
        """Whole percent of other institutions' procedures."""
        return round(100 * self.others / self.filed) if self.filed else 0


def by_office(since: datetime, agency: str = "") -> list[Office]:
    """Counters that filed something since, the busiest first."""
    filed = Draft.objects.filter(attendance__isnull=False, filed_at__gte=since)
    filed = filed.filter(attendance__agency__code=agency) if agency else filed
    others = Count("pk", filter=~Q(agency_id=F("attendance__agency_id")))
    rows = filed.values_list("attendance__agency__name").annotate(n=Count("pk"), others=others)
    return [Office(*row) for row in rows.order_by("-n", "attendance__agency__name")]


@dataclass(frozen=True)
class Saved:
    """What the cases filed online saved, by what people told of doing the same on paper."""

    cases: int
    told: Mapping[str, float]
    """Medians of what supporters told, of enough answers only: minutes, pesos and visits each time, days to wait."""

    @property
    def hours(self) -> int | None:
        """Cases × median minutes ÷ 60."""
        return round(self.cases * self.told["minutes"] / 60) if "minutes" in self.told else None

    @property
    def money(self) -> int | None:
        """Cases × median pesos."""
        return round(self.cases * self.told["pesos"]) if "pesos" in self.told else None

    @property
    def visits(self) -> int | None:
        """Cases × median visits: those that nobody had to make."""
        return round(self.cases * self.told["visits"]) if "visits" in self.told else None


def saved(since: datetime, agency: str = "") -> Saved:
    """Online cases since, and the medians of everybody's evidence (of the agency's subjects, when one is named)."""
    online = _cases(since, agency).filter(channel=Channel.WEB).count()
    return Saved(online, folded(DEMAND).get(agency, {}))


def folded(name: str) -> dict[str, Any]:
    """Figures of all supports as last folded; empty before the first time."""
    found = Folded.objects.filter(name=name).values_list("figures", flat=True).first()
    return found or {}


def seen(since: datetime) -> tuple[int, int]:
    """(times a request was shown in a list, times its page was visited) on days that are over. Visitors are unknown."""
    shown = ExposureCount.objects.filter(day__gte=since.date()).aggregate(lists=Sum("lists"), pages=Sum("pages"))
    return shown["lists"] or 0, shown["pages"] or 0


def knew_it(agency: str = "") -> tuple[int, int] | None:
    """(knew, asked) of those who said on a ficha whether they knew it can be done online; None below the minimum."""
    asked = Knew.objects.filter(entry__institution__code=agency) if agency else Knew.objects.all()
    knew = asked.filter(knew=True).count()
    total = asked.count()
    return (knew, total) if total >= MINIMUM else None


def found_easy(since: datetime, agency: str = "") -> tuple[int, int] | None:
    """(found it easy, answered) of those who finished a procedure here; None below the minimum."""
    rows = SatisfactionCount.objects.filter(month__gte=since.date().replace(day=1))
    rows = rows.filter(agency__code=agency) if agency else rows
    easy = Sum("count", filter=Q(score__gte=EASY), default=0)
    found = rows.aggregate(easy=easy, answered=Sum("count", default=0))
    return (found["easy"], found["answered"]) if found["answered"] >= MINIMUM else None


def satisfaction() -> tuple[int, int] | None:
    """(said it was worth it, answered) of supporters asked later; None below the minimum."""
    said = Counter(dict(WorthIt.objects.values_list("yes").annotate(n=Count("pk")).order_by("yes")))
    return (said[True], said.total()) if said.total() >= MINIMUM else None


def most_wanted(limit: int, agency: str = "") -> list[Subject]:
    """Open subjects with most supports."""
    rows = Subject.objects.filter(listed=True, closed_at=None, merged_into=None, count__isnull=False)
    rows = rows.filter(agency__code=agency) if agency else rows
    return list(rows.select_related("count").order_by("-count__total", "pk")[:limit])


@dataclass(frozen=True)
class Measured:
    """What the procedure that opened because of a request has done so far."""

    since: date
    version: int
    filed: int
    online: int
    finished: int
    median_days: float | None
    """From filing to end; None below the minimum."""


def measured(subject: Subject) -> Measured | None:
    """The facts of the linked version and those after it, from the cases themselves; None while nothing is open."""
    offering = subject.offering
    if offering is None:
        return None
    version = offering.version
    cases = Case.objects.filter(version__procedure=version.procedure_id, agency=offering.agency_id)
    cases = cases.exclude(channel=Channel.OWN_MOTION)
    days = _days(cases)
    return Measured(
        since=offering.effective_from,
        version=version.number,
        filed=cases.count(),
        online=cases.filter(channel=Channel.WEB).count(),
        finished=len(days),
        median_days=median(days) if len(days) >= MINIMUM else None,
    )
