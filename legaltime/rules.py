"""Arithmetic of legal time limits (Ley 19.880 art. 25). Pure: who asks brings the holidays.

A day is a local calendar day of the place; the holidays arrive as a function from a day to the holiday's
name, or None. Months, weekends and halves follow norms 1.5; each doubtful reading is named where it is taken.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Any, Literal, assert_never
from zoneinfo import ZoneInfo

from legaltime.explanation import explain

RULE_VERSION = "ley-19880-art-25/1"
"""Changes whenever the same question would get another date; printed in "¿Por qué esta fecha?"."""

Day = date
HolidayLookup = Callable[[Day], str | None]
Unit = Literal["business_days", "calendar_days", "months", "hours"]
Reading = Literal["A", "B"]

SATURDAY = 5
LONGEST_RUN_OF_REST = 60
"""Days after which a calendar without a business day is a mistake in the data, not a long weekend."""


class InvalidTerm(ValueError):
    """The amount of a time limit is not a positive whole number."""


class BrokenCalendar(ValueError):
    """The calendar has no business day within reach."""


@dataclass(frozen=True)
class Place:
    """Where a time limit runs: five-digit commune code (its holidays) and IANA zone (its midnight)."""

    commune: str
    zone: str


@dataclass(frozen=True)
class Term:
    """Length of a time limit. Days of Ley 19.880 are business days; other laws may say otherwise."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        """Raise InvalidTerm for an amount below one."""
        if self.amount < 1:
            raise InvalidTerm(f"Un plazo debe ser de 1 o más; se pidió {self.amount}.")


@dataclass(frozen=True)
class DueDate:
    """Last day of a time limit, and all that is needed to say why it is that one."""

    date: Day
    skipped: list[tuple[Day, str]]
    rule_version: str
    explanation: dict[str, Any]


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of `instant` in `zone`; ValueError for an instant without a zone of its own."""
    if instant.tzinfo is None:
        raise ValueError("A legal day needs an aware instant.")
    return instant.astimezone(ZoneInfo(zone)).date()


def rest_day_name(day: date, holiday: HolidayLookup) -> str | None:
    """Why `day` does not count, in Spanish; None for a business day. A holiday's name wins over the weekend's."""
    if name := holiday(day):
        return name
    if day.weekday() >= SATURDAY:
        return "sábado" if day.weekday() == SATURDAY else "domingo"
    return None


def is_business_day(day: date, holiday: HolidayLookup) -> bool:
    """Whether `day` is neither Saturday, Sunday nor holiday (art. 25)."""
    return rest_day_name(day, holiday) is None


def next_business_day(day: date, holiday: HolidayLookup) -> date:
    """`day` itself, or the first business day after it (art. 25); BrokenCalendar when none is within reach."""
    for distance in range(LONGEST_RUN_OF_REST):
        candidate = day + timedelta(days=distance)
        if is_business_day(candidate, holiday):
            return candidate
    raise BrokenCalendar(f"El calendario no tiene días hábiles después del {day:%d/%m/%Y}. Revisa los feriados.")


def add_business_days(start: date, days: int, holiday: HolidayLookup) -> date:
    """The business day number `days` after `start`, which is not counted itself (art. 25).

    With 0, `start` or the first business day after it. InvalidTerm for a negative number.
    """
    if days < 0:
        raise InvalidTerm(f"No se pueden sumar {days} días hábiles.")
    day = start if days else next_business_day(start, holiday)
    for _ in range(days):
        day = next_business_day(day + timedelta(days=1), holiday)
    return day


def business_days_between(first: date, last: date, holiday: HolidayLookup) -> int:
    """Business days after `first` up to `last`, included; negative when `last` comes before."""
    if last < first:
        return -business_days_between(last, first, holiday)
    return sum(is_business_day(day, holiday) for day in days_after(first, last))


def days_after(first: date, last: date) -> Iterator[date]:
    """Each day after `first` up to `last`, included."""
    return (first + timedelta(days=distance) for distance in range(1, (last - first).days + 1))


def add_months(day: date, months: int) -> date:
    """The same-numbered day `months` later, or the last day of a shorter month (art. 25).

    Reading taken: the number is that of the day of the trigger, not of the day after (norms 1.5).
    """
    year, month_index = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month_index == 11), (month_index + 1) % 12 + 1, 1)
    last_of_month = first_of_next - timedelta(days=1)
    return last_of_month.replace(day=min(day.day, last_of_month.day))


def natural_end(starts_on: date, term: Term, holiday: HolidayLookup) -> date:
    """Where `term` ends before a non-business last day is moved. Hours, with no clock hour, fill whole days."""
    match term.unit:
        case "business_days":
            return add_business_days(starts_on, term.amount, holiday)
        case "calendar_days":
            return starts_on + timedelta(days=term.amount)
        case "months":
            return add_months(starts_on, term.amount)
        case "hours":
            return starts_on + timedelta(days=ceil(term.amount / 24))
        case _:
            assert_never(term.unit)


def due_date(*, starts_on: date, term: Term, place: Place, holiday: HolidayLookup, calendar: str) -> DueDate:
    """The last day of `term`, triggered on `starts_on`; counting starts the day after (art. 25).

    A last day that is no business day moves to the next one. `calendar` names the source of the holidays.
    """
    ends_on = natural_end(starts_on, term, holiday)
    due_on = next_business_day(ends_on, holiday)
    passed_over_from = starts_on if term.unit == "business_days" else ends_on - timedelta(days=1)
    skipped = [
        (day, name) for day in days_after(passed_over_from, due_on) if (name := rest_day_name(day, holiday)) is not None
    ]
    explanation = explain(
        rule_version=RULE_VERSION,
        calendar=calendar,
        place={"commune": place.commune, "zone": place.zone},
        starts_on=starts_on,
        amount=term.amount,
        unit=term.unit,
        ends_on=ends_on,
        due_on=due_on,
        skipped=skipped,
    )
    return DueDate(due_on, skipped, RULE_VERSION, explanation)


def due_at(*, starts_at: datetime, hours: int, zone: str, holiday: HolidayLookup) -> datetime:
    """The UTC instant at which a time limit of `hours` ends (art. 24).

    Hours are elapsed time, so a change of the clock neither adds nor takes one. An end on a non-business day
    moves to the next business day, the whole of it: the instant returned is the midnight that closes it.
    """
    ends_at = starts_at.astimezone(UTC) + timedelta(hours=Term(hours, "hours").amount)
    ends_on = local_date(ends_at, zone)
    due_on = next_business_day(ends_on, holiday)
    return ends_at if due_on == ends_on else first_instant(due_on + timedelta(days=1), zone)


def first_instant(day: date, zone: str) -> datetime:
    """When `day` begins in `zone`, in UTC; the first instant that exists where the clock skips midnight."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def effective_filing(received_at: datetime, zone: str, holiday: HolidayLookup) -> datetime:
    """Legal instant of a filing, in UTC: the real one on a business day, else the next one's first hour (R6).

    The law gives no clock hour for "primera hora"; 00:00 local time is taken, for a platform never closes.
    """
    received_on = local_date(received_at, zone)
    counts_on = next_business_day(received_on, holiday)
    return received_at.astimezone(UTC) if counts_on == received_on else first_instant(counts_on, zone)


def letter_effective_on(post_office_on: date, holiday: HolidayLookup) -> date:
    """Day on which a certified letter notifies: the third business day after the post office got it (art. 46)."""
    return add_business_days(post_office_on, 3, holiday)


def platform_effective_on(sent_on: date, holiday: HolidayLookup, reading: Reading = "B") -> date:
    """Day on which a sending by the State's platform notifies (DS4 art. 27).

    A: the third business day after sending. B: the business day after it, when three full days have passed;
    the one that never shortens a citizen's time, hence the default (norms 1.10).
    """
    return add_business_days(sent_on, 3 if reading == "A" else 4, holiday)


def half_extension(amount: int) -> int:
    """Largest extension of a time limit of `amount`: its half, rounded down so as never to exceed it (art. 26)."""
    return amount // 2


def urgent_amount(amount: int, *, binds_applicant: bool) -> int:
    """Length of an ordinary time limit under urgent processing (art. 63), not used for filings and appeals.

    The law does not round halves: down for the body's own time limits, up for the person's (norms 1.5).
    """
    return ceil(amount / 2) if binds_applicant else max(1, amount // 2)


def remaining(*, on: date, due_on: date, unit: Unit, holiday: HolidayLookup) -> Term:
    """What was left of a time limit on the day on which it was suspended; that day counts as used.

    Reading taken: business days stay business days; everything else is left in calendar days. At least one day
    remains, for a suspension never leaves nobody time.
    """
    if unit == "business_days":
        return Term(max(1, business_days_between(on, due_on, holiday)), unit)
    return Term(max(1, (due_on - on).days), "calendar_days")
