"""The numbers of the progress dashboard, as jobs counted them: nothing here reads cases, supports or visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from participation.models import Achieved, Answer, CaseMonth, Folded, MonthDifference, Stage, Subject
from participation.operations.figures import DEMAND, KNEW, SEEN, WORTH
from participation.rules.demand import MINIMUM
from participation.rules.months import middle, months_until
from procedures.models import CatalogueEntry, Online
from workflows.models import Channel, SatisfactionCount

DIGITAL = (Online.HERE, Online.ELSEWHERE)
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


def overall(institutions: Iterable[Share], agency: str = "") -> Share:
    """All procedures of the catalogue, or of one institution."""
    counted = [one for one in institutions if agency in ("", one.code)]
    return Share("", agency, sum(one.digital for one in counted), sum(one.total for one in counted))


def by_institution() -> list[Share]:
    """Each institution of the catalogue, by name."""
    digital = Count("pk", filter=Q(online__in=DIGITAL))
    rows = CatalogueEntry.objects.values_list("institution__name", "institution__code").annotate(
        d=digital, n=Count("pk")
    )
    return [Share(name, code, d, n) for name, code, d, n in rows.order_by("institution__name")]


def by_level(agency: str = "") -> list[tuple[int | None, int]]:
    """(level of digitalisation, procedures); None where the register does not say."""
    counted = _entries(agency).order_by().values_list("level").annotate(n=Count("pk"))
    return sorted(counted, key=lambda item: (item[0] is None, item[0]))


def _entries(agency: str) -> Any:
    entries = CatalogueEntry.objects.all()
    return entries.filter(institution__code=agency) if agency else entries


def from_requests(agency: str = "") -> int:
    """Procedures that opened because people asked; not those of which the institution says that they exist already."""
    opened = Subject.objects.filter(stage__in=[Stage.LIVE, Stage.MEASURED])
    opened = opened.exclude(pk__in=Answer.objects.filter(said=Answer.Said.EXISTS).values("subject_id"))
    return (opened.filter(agency__code=agency) if agency else opened).count()


def case_months(today: date, agency: str = "") -> list[CaseMonth]:
    """The counted months of the year that ends with that of `today`, of one institution or of all, in order."""
    rows = CaseMonth.objects.filter(month__gte=months_until(today)[0]).order_by("month")
    return list(rows.filter(agency__code=agency) if agency else rows.filter(agency=None))


def by_channel(months: Iterable[CaseMonth]) -> list[tuple[str, int]]:
    """(door, cases filed), the busiest first."""
    counted: Counter[str] = Counter()
    for month in months:
        counted.update(month.channels)
    return [(str(Channel(channel).label), number) for channel, number in counted.most_common()]


def median_days(months: Iterable[CaseMonth]) -> float | None:
    """The middle time from filing to end, in days, of cases that ended in these months; None below the minimum."""
    took: Counter[int] = Counter()
    for month in months:
        took.update({int(tenths): number for tenths, number in month.days.items()})
    tenths = middle(took)
    return tenths / 10 if tenths is not None and took.total() >= MINIMUM else None


def busiest(today: date, agency: str = "") -> list[tuple[str, int]]:
    """(institution, cases filed in the year), the busiest first."""
    rows = _of_agencies(today, agency).values_list("agency__name").annotate(n=Sum("filed"))
    return list(rows.filter(n__gt=0).order_by("-n", "agency__name"))


def filed_by_code(today: date) -> dict[str, int]:
    """{institution's code: cases filed in the year}."""
    return dict(_of_agencies(today, "").values_list("agency__code").annotate(n=Sum("filed")).order_by())


def _of_agencies(today: date, agency: str) -> QuerySet[CaseMonth]:
    rows = CaseMonth.objects.filter(month__gte=months_until(today)[0], agency__isnull=False)
    return rows.filter(agency__code=agency) if agency else rows


def differences() -> list[MonthDifference]:
    """Months that the nightly recount found to be another number, the latest first."""
    return list(MonthDifference.objects.select_related("agency").order_by("-at")[:50])


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


def by_office(today: date, agency: str = "") -> list[Office]:
    """Counters that filed something in the year, the busiest first."""
    rows: Any = _of_agencies(today, agency).values_list("agency__name")
    rows = rows.annotate(n=Sum("attended"), others=Sum("attended_others")).filter(n__gt=0)
    return [Office(*row) for row in rows.order_by("-n", "agency__name")]


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


def saved(months: Iterable[CaseMonth], agency: str = "") -> Saved:
    """Online cases, and the medians of everybody's evidence (of the agency's subjects, when one is named)."""
    online = sum(month.channels.get(Channel.WEB, 0) for month in months)
    return Saved(online, folded(DEMAND).get(agency, {}))


def folded(name: str) -> dict[str, Any]:
    """Figures of all supports as last folded; empty before the first time."""
    found = Folded.objects.filter(name=name).values_list("figures", flat=True).first()
    return found or {}


def seen() -> tuple[int, int]:
    """(times a request was shown in a list, times its page was visited) in the last year. Visitors are unknown."""
    shown = folded(SEEN)
    return shown.get("lists", 0), shown.get("pages", 0)


def knew_it(agency: str = "") -> tuple[int, int] | None:
    """(knew, asked) of those who said on a ficha whether they knew it can be done online; None below the minimum."""
    said = folded(KNEW).get(agency, {})
    return (said["knew"], said["asked"]) if said.get("asked", 0) >= MINIMUM else None


def found_easy(today: date, agency: str = "") -> tuple[int, int] | None:
    """(found it easy, answered) of those who finished a procedure here; None below the minimum."""
    rows = SatisfactionCount.objects.filter(month__gte=months_until(today)[0])
    rows = rows.filter(agency__code=agency) if agency else rows
    easy = Sum("count", filter=Q(score__gte=EASY), default=0)
    found = rows.aggregate(easy=easy, answered=Sum("count", default=0))
    return (found["easy"], found["answered"]) if found["answered"] >= MINIMUM else None


def satisfaction() -> tuple[int, int] | None:
    """(said it was worth it, answered) of supporters asked later; None below the minimum."""
    said = folded(WORTH)
    return (said["yes"], said["answered"]) if said.get("answered", 0) >= MINIMUM else None


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
    """The linked version, and what its cases and those of later ones had done when last counted; None while closed."""
    offering = subject.offering
    if offering is None:
        return None
    done = Achieved.objects.filter(subject=subject).first() or Achieved(subject=subject)
    return Measured(
        since=offering.effective_from,
        version=offering.version.number,
        filed=done.filed,
        online=done.online,
        finished=done.finished,
        median_days=done.median_days,
    )
