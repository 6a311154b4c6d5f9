"""The vectors of norms 1.5 and the rules one by one, over the library's calendar; no database."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from legaltime import national_calendar, rules
from legaltime.rules import Place, Term
from tests.legaltime.places import CHILLAN, COYHAIQUE, EASTER_ISLAND, PUNTA_ARENAS, SAN_CARLOS, SANTIAGO

ROOT = Path(__file__).parents[2]


def holidays_in(place: Place) -> rules.HolidayLookup:
    """The library's holidays of a place."""
    return partial(_name, place.commune)


def _name(commune: str, day: date) -> str | None:
    return national_calendar.holiday_name(day, commune)


def due(starts_on: date, amount: int, unit: rules.Unit, place: Place = SANTIAGO) -> rules.DueDate:
    """A due date by the library's calendar."""
    holiday = holidays_in(place)
    return rules.due_date(
        starts_on=starts_on, term=Term(amount, unit), place=place, holiday=holiday, calendar="de prueba"
    )


@pytest.mark.parametrize(
    ("triggered", "amount", "last_day"),
    [
        (date(2025, 9, 15), 5, date(2025, 9, 24)),
        (date(2025, 12, 15), 20, date(2026, 1, 14)),
        (date(2025, 12, 22), 5, date(2025, 12, 30)),
        (date(2025, 9, 17), 1, date(2025, 9, 22)),
    ],
)
def test_business_days_skip_weekends_and_holidays_and_start_the_next_day_r7(
    triggered: date, amount: int, last_day: date
) -> None:
    assert due(triggered, amount, "business_days").date == last_day


@pytest.mark.parametrize(
    ("triggered", "months", "last_day"),
    [
        (date(2025, 8, 31), 6, date(2026, 3, 2)),  # 28-02-2026 is a Saturday
        (date(2025, 3, 10), 6, date(2025, 9, 10)),
        (date(2025, 3, 18), 6, date(2025, 9, 22)),  # 18 and 19 September, then a weekend
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 6, 30), 6, date(2025, 12, 30)),
        (date(2025, 11, 30), 13, date(2026, 12, 30)),
    ],
)
def test_months_end_on_the_same_number_or_the_last_day_then_roll_r8(
    triggered: date, months: int, last_day: date
) -> None:
    assert due(triggered, months, "months").date == last_day


def test_calendar_days_count_rest_days_and_only_the_last_day_moves() -> None:
    assert due(date(2025, 9, 8), 10, "calendar_days").date == date(2025, 9, 22)
    assert due(date(2025, 9, 8), 9, "calendar_days").date == date(2025, 9, 17)


def test_hours_without_a_clock_hour_fill_whole_days_and_the_last_day_moves() -> None:
    assert due(date(2025, 9, 17), 24, "hours").date == date(2025, 9, 22)
    assert due(date(2025, 9, 15), 48, "hours").date == date(2025, 9, 17)
    assert due(date(2025, 9, 15), 25, "hours").date == date(2025, 9, 17)


def test_hours_are_elapsed_time_and_end_with_the_next_business_day() -> None:
    holiday = holidays_in(SANTIAGO)
    monday = datetime(2025, 9, 15, 10, tzinfo=ZoneInfo("America/Santiago"))
    tuesday = rules.due_at(starts_at=monday, hours=24, zone=SANTIAGO.zone, holiday=holiday)
    assert tuesday == datetime(2025, 9, 16, 13, tzinfo=UTC)
    before_holidays = datetime(2025, 9, 17, 10, tzinfo=ZoneInfo("America/Santiago"))
    end_of_monday = rules.due_at(starts_at=before_holidays, hours=24, zone=SANTIAGO.zone, holiday=holiday)
    assert end_of_monday == datetime(2025, 9, 23, 3, tzinfo=UTC)


def test_hours_over_the_change_of_the_clock_lose_none() -> None:
    friday = datetime(2025, 4, 4, 12, tzinfo=UTC)
    ends = rules.due_at(starts_at=friday, hours=24 * 4, zone=SANTIAGO.zone, holiday=holidays_in(SANTIAGO))
    assert ends - friday == timedelta(hours=96)


def test_twenty_august_is_a_holiday_of_chillan_and_not_of_san_carlos() -> None:
    notified = date(2026, 8, 17)
    assert due(notified, 5, "business_days", CHILLAN).date == date(2026, 8, 25)
    assert due(notified, 5, "business_days", SAN_CARLOS).date == date(2026, 8, 24)


def test_a_letter_notifies_on_the_third_business_day_after_the_post_office() -> None:
    assert rules.letter_effective_on(date(2025, 9, 16), holidays_in(SANTIAGO)) == date(2025, 9, 23)


def test_the_platform_notifies_by_reading_a_or_b_and_b_is_the_default_r26() -> None:
    holiday, sent = holidays_in(SANTIAGO), date(2025, 9, 17)
    third = rules.platform_effective_on(sent, holiday, "A")
    after = rules.platform_effective_on(sent, holiday)
    assert (third, after) == (date(2025, 9, 24), date(2025, 9, 25))
    assert rules.add_business_days(third, 5, holiday) == date(2025, 10, 1)
    assert rules.add_business_days(after, 5, holiday) == date(2025, 10, 2)


def test_reading_b_never_takes_effect_on_a_rest_day() -> None:
    assert rules.platform_effective_on(date(2026, 5, 5), holidays_in(SANTIAGO)) == date(2026, 5, 11)


@pytest.mark.parametrize(
    ("received", "counts_from"),
    [
        # Saturday 20-09-2025 10:00, to the first hour of Monday
        (datetime(2025, 9, 20, 13, tzinfo=UTC), datetime(2025, 9, 22, 3, tzinfo=UTC)),
        # 18 September is a holiday, and so is the Friday after it
        (datetime(2025, 9, 18, 15, tzinfo=UTC), datetime(2025, 9, 22, 3, tzinfo=UTC)),
        # A Wednesday keeps its hour
        (datetime(2025, 9, 17, 15, tzinfo=UTC), datetime(2025, 9, 17, 15, tzinfo=UTC)),
        # Still Friday in Santiago at 01:30 UTC of Saturday
        (datetime(2025, 9, 27, 1, 30, tzinfo=UTC), datetime(2025, 9, 27, 1, 30, tzinfo=UTC)),
        # Saturday before the clock moves forward (07-09-2025): Monday is already at -03:00
        (datetime(2025, 9, 6, 15, tzinfo=UTC), datetime(2025, 9, 8, 3, tzinfo=UTC)),
        # Saturday before the clock moves back (06-04-2025): Monday is at -04:00
        (datetime(2025, 4, 5, 15, tzinfo=UTC), datetime(2025, 4, 7, 4, tzinfo=UTC)),
    ],
)
def test_a_filing_on_a_rest_day_counts_from_the_first_hour_of_the_next_business_day_r6(
    received: datetime, counts_from: datetime
) -> None:
    assert rules.effective_filing(received, SANTIAGO.zone, holidays_in(SANTIAGO)) == counts_from


def test_the_same_instant_is_another_legal_day_in_another_chilean_zone() -> None:
    winter_night = datetime(2026, 6, 9, 3, 30, tzinfo=UTC)
    days = {
        place.zone: rules.local_date(winter_night, place.zone)
        for place in (SANTIAGO, PUNTA_ARENAS, COYHAIQUE, EASTER_ISLAND)
    }
    assert days == {
        "America/Santiago": date(2026, 6, 8),
        "America/Punta_Arenas": date(2026, 6, 9),
        "America/Coyhaique": date(2026, 6, 9),
        "Pacific/Easter": date(2026, 6, 8),
    }


@pytest.mark.parametrize(
    ("place", "monday_begins"),
    [
        (PUNTA_ARENAS, datetime(2026, 6, 8, 3, tzinfo=UTC)),
        (SANTIAGO, datetime(2026, 6, 8, 4, tzinfo=UTC)),
        (EASTER_ISLAND, datetime(2026, 6, 8, 6, tzinfo=UTC)),
    ],
)
def test_the_first_hour_is_that_of_the_place(place: Place, monday_begins: datetime) -> None:
    sunday = datetime(2026, 6, 7, 15, tzinfo=UTC)
    assert rules.effective_filing(sunday, place.zone, holidays_in(place)) == monday_begins


def test_a_midnight_that_the_clock_skips_begins_at_the_first_instant_that_exists() -> None:
    began = rules.first_instant(date(2025, 9, 7), "America/Santiago")
    assert began.astimezone(ZoneInfo("America/Santiago")).hour == 1
    assert rules.local_date(began, "America/Santiago") == date(2025, 9, 7)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        rules.local_date(datetime(2026, 1, 1), "America/Santiago")


def test_an_extension_never_exceeds_half_r12() -> None:
    assert [rules.half_extension(days) for days in (1, 5, 10, 30)] == [0, 2, 5, 15]


def test_urgency_rounds_halves_in_favour_of_the_person_r13() -> None:
    assert rules.urgent_amount(5, binds_applicant=True) == 3
    assert rules.urgent_amount(5, binds_applicant=False) == 2
    assert rules.urgent_amount(1, binds_applicant=False) == 1


@pytest.mark.parametrize("amount", [0, -1])
def test_a_term_below_one_is_refused_with_a_clear_text(amount: int) -> None:
    with pytest.raises(rules.InvalidTerm, match=f"se pidió {amount}"):
        Term(amount, "business_days")
    with pytest.raises(rules.InvalidTerm):
        rules.add_business_days(date(2026, 1, 1), -1, holidays_in(SANTIAGO))


def test_a_calendar_without_business_days_is_reported_and_does_not_loop() -> None:
    with pytest.raises(rules.BrokenCalendar, match="no tiene días hábiles"):
        rules.add_business_days(date(2026, 1, 1), 1, lambda day: "siempre feriado")


def test_the_explanation_names_every_skipped_day_and_the_rule() -> None:
    answer = due(date(2025, 9, 15), 5, "business_days")
    assert answer.skipped == [
        (date(2025, 9, 18), "Día de la Independencia"),
        (date(2025, 9, 19), "Día de las Glorias del Ejército"),
        (date(2025, 9, 20), "sábado"),
        (date(2025, 9, 21), "domingo"),
    ]
    told = answer.explanation
    assert told["rule_version"] == answer.rule_version == rules.RULE_VERSION
    assert (told["commune"], told["zone"], told["calendar"]) == ("13101", "America/Santiago", "de prueba")
    assert told["skipped"][0] == {"date": "2025-09-18", "name": "Día de la Independencia"}
    assert told["sentences"] == [
        "El plazo es de 5 días hábiles y se cuenta desde el día siguiente al 15/09/2025.",
        "No se cuentan los días inhábiles: 18/09/2025 (Día de la Independencia); "
        "19/09/2025 (Día de las Glorias del Ejército); 20/09/2025 (sábado); 21/09/2025 (domingo).",
        "El último día es el 24/09/2025 (Ley 19.880, artículo 25).",
    ]


def test_the_explanation_tells_a_short_month_and_a_moved_last_day() -> None:
    sentences = due(date(2025, 8, 31), 6, "months").explanation["sentences"]
    assert "no tiene ese número de día" in sentences[1]
    assert sentences[2] == "Terminaba el 28/02/2026, que es inhábil (sábado): pasa al siguiente día hábil."


def test_the_rules_and_the_national_calendar_import_no_django() -> None:
    probe = "import sys, legaltime.rules, legaltime.national_calendar; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=False).returncode == 0
