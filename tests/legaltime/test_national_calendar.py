"""Golden lists: what the library says, day by day, checked by hand against the laws that set each holiday."""

from datetime import date

import pytest

from legaltime import rules
from legaltime.national_calendar import SUBDIVISIONS, holiday_name

WHOLE_COUNTRY = {
    2025: "01-01 04-18 04-19 05-01 05-21 06-20 06-29 07-16 08-15 09-18 09-19 10-12 10-31 11-01 12-08 12-25",
    2026: "01-01 04-03 04-04 05-01 05-21 06-21 06-29 07-16 08-15 09-18 09-19 10-12 10-31 11-01 12-08 12-25",
    2027: "01-01 03-26 03-27 05-01 05-21 06-21 06-28 07-16 08-15 09-17 09-18 09-19 10-11 10-31 11-01 12-08 12-25",
    2028: "01-01 04-14 04-15 05-01 05-21 06-20 06-26 07-16 08-15 09-18 09-19 10-09 10-27 11-01 12-08 12-25",
    2029: "01-01 03-30 03-31 05-01 05-21 06-20 07-02 07-16 08-15 09-17 09-18 09-19 10-15 11-01 11-02 12-08 12-25",
}
"""29 June and 12 October move to a Monday; 31 October from Tuesday to the Friday before (2028) and from
Wednesday to the Friday after (2029); 17 September joins when the 18th is a Saturday (2027) or a Tuesday (2029)."""


def days_of(year: int, commune: str) -> list[str]:
    """Month and day of each holiday of a year."""
    days = rules.days_after(date(year - 1, 12, 31), date(year, 12, 31))
    return [f"{day:%m-%d}" for day in days if holiday_name(day, commune)]


@pytest.mark.parametrize("year", WHOLE_COUNTRY)
def test_the_holidays_of_santiago_are_those_of_the_laws(year: int) -> None:
    assert days_of(year, "13101") == WHOLE_COUNTRY[year].split()


@pytest.mark.parametrize("region", sorted(SUBDIVISIONS))
def test_only_arica_and_two_communes_of_nuble_have_a_day_of_their_own(region: str) -> None:
    own = set(days_of(2026, f"{region}101")) - set(WHOLE_COUNTRY[2026].split())
    assert own == {"15": {"06-07"}, "16": {"08-20"}}.get(region, set())


@pytest.mark.parametrize(
    ("commune", "is_holiday"),
    [("16101", True), ("16103", True), ("16102", False), ("16201", False), ("16301", False), ("13101", False)],
)
def test_twenty_august_is_a_holiday_in_chillan_and_chillan_viejo_alone(commune: str, is_holiday: bool) -> None:
    assert (holiday_name(date(2026, 8, 20), commune) is not None) is is_holiday


@pytest.mark.parametrize("commune", ["15101", "15102", "15201", "15202"])
def test_seven_june_is_a_holiday_of_the_whole_region_of_arica(commune: str) -> None:
    assert holiday_name(date(2027, 6, 7), commune) == "Asalto y Toma del Morro de Arica"


def test_the_bank_holiday_of_the_last_day_of_the_year_is_a_business_day() -> None:
    assert holiday_name(date(2026, 12, 31), "13101") is None


def test_a_commune_code_that_nobody_knows_has_the_holidays_of_the_country() -> None:
    assert days_of(2026, "99999") == WHOLE_COUNTRY[2026].split()


def test_every_holiday_has_a_spanish_name() -> None:
    assert holiday_name(date(2026, 4, 3), "13101") == "Viernes Santo"
    assert holiday_name(date(2026, 6, 21), "13101") == "Día Nacional de los Pueblos Indígenas"
