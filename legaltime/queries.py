"""Legal time of a place: the pure rules over the national calendar corrected by this installation's own rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db import connection

from legaltime import national_calendar, rules
from legaltime.models import HolidayOverride
from legaltime.rules import DueDate, Place, Reading, Term, Unit

OVERRIDES = "SELECT * FROM legaltime_holidayoverride WHERE place IN (%s, %s, %s)"
ANY_OVERRIDE = "SELECT 1 FROM legaltime_holidayoverride WHERE place IN (%s, %s, %s) LIMIT 1"
"""Every command that sets a clock asks, and mostly there is none: as SQL, because Django spends longer writing it than
running it, and longer still making rows of it."""


@dataclass(frozen=True)
class Calendar:
    """The holidays of one place. Reads the overrides once: make one per request or job, not per process."""

    place: Place

    def holiday(self, day: date) -> str | None:
        """Name of the holiday that `day` is here, or None. The override of the nearest place wins."""
        if day not in self._overrides:
            return national_calendar.holiday_name(day, self.place.commune)
        return self._overrides[day]

    def due_date(self, *, starts_on: date, term: Term) -> DueDate:
        """The last day of `term`, triggered on `starts_on`, and why (art. 25)."""
        if (starts_on, term) not in self._counted:
            self._counted[starts_on, term] = rules.due_date(
                starts_on=starts_on,
                term=term,
                place=self.place,
                holiday=self.holiday,
                calendar=national_calendar.SOURCE,
            )
        return self._counted[starts_on, term]

    @cached_property
    def _counted(self) -> dict[tuple[date, Term], DueDate]:
        return {}

    @cached_property
    def _overrides(self) -> dict[date, str | None]:
        places = ["", self.place.commune[:2], self.place.commune]
        with connection.cursor() as cursor:
            cursor.execute(ANY_OVERRIDE, places)
            if cursor.fetchone() is None:
                return {}
        rows = HolidayOverride.objects.raw(OVERRIDES, places)
        nearest_last = sorted(rows, key=lambda row: len(row.place))
        return {row.date: f"{row.name} ({row.legal_source})" if row.is_holiday else None for row in nearest_last}


def holidays_of_year(year: int, place: Place) -> list[tuple[date, str]]:
    """The holidays of `year` in `place`, in order, with their names."""
    calendar = Calendar(place)
    days = rules.days_after(date(year - 1, 12, 31), date(year, 12, 31))
    return [(day, name) for day in days if (name := calendar.holiday(day)) is not None]


def is_business_day(day: date, place: Place) -> bool:
    """Whether `day` is neither Saturday, Sunday nor holiday in `place` (art. 25)."""
    return rules.is_business_day(day, _holiday(place))


def add_business_days(start: date, days: int, place: Place) -> date:
    """The business day number `days` after `start`; InvalidTerm for a negative number."""
    return rules.add_business_days(start, days, _holiday(place))


def business_days_between(first: date, last: date, place: Place) -> int:
    """Business days after `first` up to `last`, included; negative when `last` comes before."""
    return rules.business_days_between(first, last, _holiday(place))


def due_date(*, starts_on: date, term: Term, place: Place) -> DueDate:
    """The last day of `term`, triggered on `starts_on`, and why (art. 25)."""
    return Calendar(place).due_date(starts_on=starts_on, term=term)


def remaining(*, on: date, due_on: date, unit: Unit, place: Place) -> Term:
    """What was left of a time limit on the day on which it was suspended (see rules.remaining)."""
    return rules.remaining(on=on, due_on=due_on, unit=unit, holiday=_holiday(place))


def due_at(*, starts_at: datetime, hours: int, place: Place) -> datetime:
    """The UTC instant at which a time limit of `hours` ends (art. 24)."""
    return rules.due_at(starts_at=starts_at, hours=hours, zone=place.zone, holiday=_holiday(place))


def effective_filing(received_at: datetime, place: Place) -> datetime:
    """Legal instant of a filing, in UTC: first hour of the next business day where it came on another (R6)."""
    return rules.effective_filing(received_at, place.zone, _holiday(place))


def letter_effective_on(post_office_on: date, place: Place) -> date:
    """Day on which a certified letter notifies (art. 46)."""
    return rules.letter_effective_on(post_office_on, _holiday(place))


def platform_effective_on(sent_on: date, place: Place, reading: Reading = "B") -> date:
    """Day on which a sending by the State's platform notifies (DS4 art. 27), by reading A or B."""
    return rules.platform_effective_on(sent_on, _holiday(place), reading)


def _holiday(place: Place) -> Callable[[date], str | None]:
    return Calendar(place).holiday
