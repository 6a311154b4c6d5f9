"""Corrections of the calendar: the installation's own rows win over the library, the nearest place first."""

from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from legaltime import api
from legaltime.models import HolidayOverride
from legaltime.operations import InvalidOverride, record_override, remove_override
from tests.legaltime.places import ARICA, CHILLAN, SAN_CARLOS, SANTIAGO

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CENSUS = date(2026, 4, 15)


def record(**changes: Any) -> HolidayOverride:
    """A declared holiday of the whole country, with changes."""
    facts: dict[str, Any] = {
        "day": CENSUS,
        "place": "",
        "is_holiday": True,
        "name": "Día del censo",
        "legal_source": "Ley 17.374",
        "by": "operator",
        "now": NOW,
    }
    return record_override(**(facts | changes))


def test_a_declared_holiday_moves_the_deadlines_that_cross_it_and_is_named_with_its_law() -> None:
    term = api.Term(2, "business_days")
    before = api.due_date(starts_on=date(2026, 4, 14), term=term, place=SANTIAGO)
    record()
    after = api.due_date(starts_on=date(2026, 4, 14), term=term, place=SANTIAGO)
    assert (before.date, after.date) == (date(2026, 4, 16), date(2026, 4, 17))
    assert after.skipped == [(CENSUS, "Día del censo (Ley 17.374)")]


def test_a_holiday_withdrawn_by_law_counts_as_a_business_day() -> None:
    record(day=date(2026, 10, 12), is_holiday=False, name="Día hábil")
    assert api.is_business_day(date(2026, 10, 12), SANTIAGO)


def test_a_saturday_is_a_rest_day_whatever_the_rows_say() -> None:
    record(day=date(2026, 9, 19), is_holiday=False, name="Día hábil")
    assert not api.is_business_day(date(2026, 9, 19), SANTIAGO)


def test_the_override_of_the_nearest_place_wins() -> None:
    record(place="16")
    record(place="16301", is_holiday=False, name="Día hábil")
    assert [api.is_business_day(CENSUS, place) for place in (CHILLAN, SAN_CARLOS, SANTIAGO)] == [False, True, True]


def test_a_second_override_of_the_same_day_and_place_replaces_the_first() -> None:
    record()
    record(name="Día del Censo Nacional")
    assert HolidayOverride.objects.get().name == "Día del Censo Nacional"


def test_one_computation_asks_the_database_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        api.due_date(starts_on=date(2026, 1, 5), term=api.Term(120, "business_days"), place=SANTIAGO)


def test_a_calendar_kept_for_a_page_asks_once_for_all_its_rows(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    calendar = api.Calendar(ARICA)
    with django_assert_num_queries(1):
        names = [calendar.holiday(date(2026, 6, day)) for day in range(1, 30)]
    assert [name for name in names if name] == [
        "Asalto y Toma del Morro de Arica",
        "Día Nacional de los Pueblos Indígenas",
        "San Pedro y San Pablo",
    ]


def test_the_functions_by_place_agree_with_the_vectors() -> None:
    assert api.add_business_days(date(2025, 9, 15), 5, SANTIAGO) == date(2025, 9, 24)
    assert api.business_days_between(date(2025, 9, 15), date(2025, 9, 24), SANTIAGO) == 5
    assert api.letter_effective_on(date(2025, 9, 16), SANTIAGO) == date(2025, 9, 23)
    assert api.platform_effective_on(date(2025, 9, 17), SANTIAGO) == date(2025, 9, 25)
    assert api.platform_effective_on(date(2025, 9, 17), SANTIAGO, "A") == date(2025, 9, 24)
    saturday = datetime(2025, 9, 20, 13, tzinfo=UTC)
    assert api.effective_filing(saturday, SANTIAGO) == datetime(2025, 9, 22, 3, tzinfo=UTC)
    assert api.due_at(starts_at=saturday, hours=24, place=SANTIAGO) == datetime(2025, 9, 23, 3, tzinfo=UTC)


@pytest.mark.parametrize("place", ["1", "17", "161", "Chillán", "161011", "00101"])
def test_an_unknown_place_is_refused(place: str) -> None:
    with pytest.raises(InvalidOverride, match="no es un lugar"):
        record(place=place)


@pytest.mark.parametrize("missing", ["name", "legal_source"])
def test_an_override_without_name_or_law_is_refused(missing: str) -> None:
    with pytest.raises(InvalidOverride, match="la norma que lo establece"):
        record(**{missing: " "})


def test_removing_an_override_goes_back_to_the_library_and_a_missing_one_is_said() -> None:
    record()
    remove_override(day=CENSUS, place="")
    assert api.is_business_day(CENSUS, SANTIAGO)
    with pytest.raises(InvalidOverride, match="No hay una corrección"):
        remove_override(day=CENSUS, place="")


def test_the_command_lists_the_holidays_of_a_commune() -> None:
    assert "20/08/2026  Nacimiento del Prócer" in run("list", "2026", "--commune", "16101")
    assert "20/08/2026" not in run("list", "2026", "--commune", "16301")


def test_the_command_adds_and_removes_a_correction() -> None:
    said = run("add", "2026-04-15", "Día del censo", "--source", "Ley 17.374", "--place", "13")
    assert said.startswith("Anotado: 15/04/2026 Día del censo.")
    assert HolidayOverride.objects.get().recorded_by == "operator"
    assert "Quitada" in run("remove", "2026-04-15", "--place", "13")
    with pytest.raises(CommandError, match="No hay una corrección"):
        run("remove", "2026-04-15", "--place", "13")


def test_the_command_refuses_a_date_that_is_none() -> None:
    with pytest.raises(CommandError, match="no es una fecha AAAA-MM-DD"):
        run("add", "2026-13-01", "Nada", "--source", "Ley 1")


def test_the_clock_is_aware_and_in_utc() -> None:
    assert api.now().tzinfo is UTC


def run(*words: str) -> str:
    """What `manage.py holidays …` prints."""
    out = StringIO()
    call_command("holidays", *words, stdout=out)
    return out.getvalue()
