"""Limits of dates that are counted from the day on which somebody answers."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pydantic import ValidationError as Malformed

from procedures.around import Around
from procedures.fields import kind_of
from procedures.fields.dates import with_days
from procedures.fields.relative import day_of_limit
from procedures.schema import Field

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("limit", "day"),
    [
        ("today", date(2026, 11, 23)),
        ("today + 15 days", date(2026, 12, 8)),
        ("today - 18 years", date(2008, 11, 23)),
        ("today + 3 months", date(2027, 2, 23)),
        ("2027-03-01", date(2027, 3, 1)),
    ],
)
def test_what_day_a_limit_is(limit: str, day: date) -> None:
    assert day_of_limit(limit, TODAY) == day


def test_who_was_born_on_the_29th_of_february_comes_of_age_on_the_first_of_march() -> None:
    born = date(2008, 2, 29)
    assert born > day_of_limit("today - 18 years", date(2026, 2, 28))
    assert born <= day_of_limit("today - 18 years", date(2026, 3, 1))


@pytest.mark.parametrize("limit", ["today + 9999 years", "mañana", "20/03/2027"])
def test_what_is_no_day_is_told(limit: str) -> None:
    with pytest.raises(ValueError, match="isoformat"):
        day_of_limit(limit, TODAY)


@pytest.mark.parametrize("limit", ["today+15", "today + 0 days", "today + 15 weeks", "tomorrow", "today - 15"])
def test_the_schema_admits_no_other_words(limit: str) -> None:
    with pytest.raises(Malformed):
        question(min=limit)


def question(kind: str = "date", **limits: Any) -> Field:
    return Field.model_validate({"id": "dia", "type": kind, "label": "Día", **limits})


def clean(field: Field, data: dict[str, str]) -> Any:
    """The answer that these boxes give on the 23rd of November of 2026. Raises ValidationError."""
    made = kind_of(field).form_field(with_days(field, Around(today=lambda: TODAY).today))
    return made.clean(made.widget.value_from_datadict(data, {}, "dia"))


def test_the_day_itself_is_within_both_limits_and_the_error_names_it() -> None:
    past, coming = question(max="today"), question(min="today + 15 days")
    assert clean(past, {"dia_0": "23", "dia_1": "11", "dia_2": "2026"}) == TODAY
    with pytest.raises(ValidationError, match="debe ser el 23/11/2026 o antes"):
        clean(past, {"dia_0": "24", "dia_1": "11", "dia_2": "2026"})
    with pytest.raises(ValidationError, match="debe ser el 08/12/2026 o después"):
        clean(coming, {"dia_0": "7", "dia_1": "12", "dia_2": "2026"})


PERIOD = {
    "dia_from_0": "1",
    "dia_from_1": "11",
    "dia_from_2": "2026",
    "dia_to_0": "1",
    "dia_to_1": "12",
    "dia_to_2": "2026",
}
MOMENT = {"dia_day_0": "24", "dia_day_1": "11", "dia_day_2": "2026", "dia_hour": "10:00"}


def test_periods_and_moments_have_them_too() -> None:
    with pytest.raises(ValidationError, match="debe ser el 23/11/2026 o después"):
        clean(question("period", min="today"), PERIOD)
    with pytest.raises(ValidationError, match="debe ser el 23/11/2026 o antes"):
        clean(question("datetime", max="today"), MOMENT)


@pytest.mark.parametrize("kind", ["date", "datetime", "period"])
@pytest.mark.parametrize(
    "limits", [{"min": "today"}, {"max": "today - 18 years"}, {"min": "today", "max": "today + 1 years"}]
)
def test_a_sample_answer_is_within_them(kind: str, limits: dict[str, str]) -> None:
    field, today = question(kind, **limits), Around().today
    data = kind_of(field).as_data("dia", kind_of(field).sample(field))
    made = kind_of(field).form_field(with_days(field, today))
    assert made.clean(made.widget.value_from_datadict({name: said[0] for name, said in data.items()}, {}, "dia"))
