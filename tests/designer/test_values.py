"""What is typed on a card is read as the question itself reads it: numbers above all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Agency
from designer.cards.controls import CardForm, Control
from designer.cards.decision import Cell, Column, Result, Row
from designer.cards.questions import controls
from designer.cards.scene import Scene
from designer.cards.values import problem_with, problem_with_limit, shown_value, typed_value
from procedures.expressions.tables import NUMBERS, cell_holds
from procedures.fields import kind_of
from procedures.schema import Field, TableCell

TYPED = ("500.000", "1.500,5", "1.500", "85,5", "85.5", "$ 12 500", "12,5 %", "-3", "−3", "--5", "1e3", "5-", "quince")


def answered(kind: str, text: str) -> Any:
    """What the question would store; None when it refuses it."""
    field = Field.model_validate({"id": "dato", "type": kind, "label": "Dato", "min": -10, "max": 10**6})
    try:
        stored = kind_of(field).stored(kind_of(field).form_field(field).clean(text))
    except ValidationError:
        return None
    return Decimal(stored)


@pytest.mark.parametrize("kind", sorted(NUMBERS))
def test_a_card_reads_a_number_as_the_question_does_and_refuses_what_it_refuses(kind: str) -> None:
    for text in TYPED:
        read = typed_value(kind, text)
        if answered(kind, text) is None:
            assert problem_with(kind, text, "Dato")
            assert read in ("", text)
        else:
            assert problem_with(kind, text, "Dato") == ""
            assert Decimal(read) == answered(kind, text)
            assert typed_value(kind, shown_value(read, kind)) == read


@pytest.mark.parametrize(
    ("kind", "text", "low"),
    [
        ("money_clp", "500.000", 500_000),
        ("money_clp", "1.500", 1500),
        ("money_uf", "1.500,5", "1500.5"),
        ("money_uf", "1500", 1500),
        ("date", "01/03/2027", "2027-03-01"),
    ],
)
def test_a_bound_of_a_decision_table_is_of_the_kind_of_its_column(kind: str, text: str, low: Any) -> None:
    cell = Cell("f-0-0", Column(0, "inicio.dato", "Dato", kind, [], 0), low=text)
    assert cell.data() == {"data": "inicio.dato", "min": low}
    assert cell.problem == ""


def test_half_a_million_pesos_as_a_bound_leaves_out_less() -> None:
    cell = Cell("f-0-0", Column(0, "inicio.capital", "Capital", "money_clp", [], 0), low="500.000")
    held = TableCell.model_validate(cell.data())
    assert [cell_holds(held, capital, "money_clp") for capital in (499_999, 500_000)] == [False, True]


@pytest.mark.parametrize(
    ("kind", "text"), [("money_uf", "1.500"), ("integer", "1,5"), ("integer", "--5"), ("date", "31/02/2027")]
)
@pytest.mark.parametrize("place", ["low", "high", "chosen"])
def test_what_is_no_value_of_the_column_is_told_and_not_taken_for_another(kind: str, text: str, place: str) -> None:
    cell = Cell("f-0-0", Column(0, "inicio.dato", "Dato", kind, [], 0))
    setattr(cell, place, [text] if place == "chosen" else text)
    assert cell.data() == {"data": "inicio.dato"}
    assert cell.problem.startswith("Escribe ")
    row = Row(0, [], [(Result(0, "da", kind), text)], {})
    assert row.data() == {"then": {}}
    assert row.results[0][2].startswith("Escribe ")


@pytest.mark.parametrize(
    ("kind", "text", "least"),
    [
        ("money_clp", "500.000", 500_000),
        ("money_uf", "1.500,5", "1500.5"),
        ("amounts", "1.500", 1500),
        ("date", "01/03/2027", "2027-03-01"),
        ("time", "08:30", "08:30"),
        ("money_uf", "1.500", 7),
        ("integer", "--5", 7),
    ],
)
def test_the_limits_of_a_question_are_read_as_its_answers_are(kind: str, text: str, least: Any) -> None:
    """What cannot be read keeps the limit that there was, and says why."""
    item = {"id": "dato", "type": kind, "label": "Dato", "min": 7}
    form = CardForm(Scene({}, (), Agency(), item), controls(item), {"label": "Dato", "min": text})
    assert form.item()["min"] == least
    assert bool(form.problems) == (least == 7)


def test_a_limit_with_decimals_is_shown_so_that_it_is_read_back() -> None:
    item = {"id": "dato", "type": "decimal", "label": "Dato", "min": "0.125"}
    scene = Scene({}, (), Agency(), item)
    shown = CardForm(scene, controls(item)).initial["min"]
    assert CardForm(scene, controls(item), {"label": "Dato", "min": shown}).item()["min"] == "0.125"


def test_an_error_of_several_boxes_leads_to_the_first_of_them() -> None:
    boxes = Control("days", "Días", "ticks", choices=(("lu", "Lunes"), ("ma", "Martes")))
    form = CardForm(Scene({}, (), Agency(), {}), [boxes], {"days": ["do"]})
    (problem,) = form.problems
    assert f'id="{problem.target}"' in str(form["days"])


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("hoy", "today", "hoy"),
        ("Hoy + 15 días", "today + 15 days", "hoy + 15 días"),
        ("hoy-18 años", "today - 18 years", "hoy - 18 años"),
        ("hoy + 1 mes", "today + 1 months", "hoy + 1 meses"),
        ("01/03/2027", "2027-03-01", "01/03/2027"),
    ],
)
@pytest.mark.parametrize("kind", ["date", "datetime", "period"])
def test_a_limit_of_a_date_may_be_counted_from_today(kind: str, typed: str, kept: str, shown: str) -> None:
    question: dict[str, Any] = {"id": "dia", "type": kind, "label": "Día"}
    limit = next(control for control in controls(question) if control.key == "min")
    form = CardForm(Scene({}, (), Agency(), question), [limit], {limit.name: typed})
    assert form.item()["min"] == kept
    assert limit.shown({**question, "min": kept}) == shown


@pytest.mark.parametrize("typed", ["hoy + días", "mañana", "hoy + 15 semanas", "31/02/2027"])
def test_another_limit_of_a_date_is_refused_with_an_example(typed: str) -> None:
    assert "«hoy + 15 días»" in problem_with_limit("date", typed, "Día")
