"""Rows that ask one thing or another, and that work something out: by the row's own answers and by those before it."""

from typing import Any

import pytest
from pydantic import ValidationError

from procedures.api import PageForm, display_value
from procedures.gate import Subject
from procedures.soundness.data import conditions_make_sense, questions_depend_on_earlier_ones
from procedures.soundness.forms import results_can_be_computed, rows_can_be_named
from procedures.soundness.sensitive import what_is_worked_out_of_sensitive_data_is_sensitive
from procedures.visibility import asked_pages, summary
from tests.forms.sample import bundle_asking
from tests.forms.test_pages_of_questions import page, texts


def _when(path: str, value: Any) -> dict[str, Any]:
    return {"all": [{"field": path, "op": "eq", "value": value}]}


ABROAD: dict[str, Any] = {"id": "con_extranjeros", "type": "yes_no", "label": "¿Hay extranjeros?"}
MONTHS: dict[str, Any] = {"id": "meses", "type": "integer", "label": "Meses"}
FOREIGN: dict[str, Any] = {
    "id": "extranjero", "type": "yes_no", "label": "¿Es extranjero?",
    "visible_when": _when("inicio.con_extranjeros", True),
}  # fmt: skip
PASSPORT: dict[str, Any] = {
    "id": "pasaporte", "type": "text", "label": "Pasaporte", "visible_when": _when("socios.extranjero", True),
}  # fmt: skip
PAY: dict[str, Any] = {"id": "sueldo", "type": "money_clp", "label": "Sueldo"}
DUE: dict[str, Any] = {
    "id": "aporte", "type": "computed", "label": "Aporte", "formula": "socios.sueldo * inicio.meses",
    "result": "money_clp",
}  # fmt: skip
PARTNERS: dict[str, Any] = {
    "id": "socios", "type": "group", "label": "Socios", "row_title": "Socio", "min_rows": 1, "max_rows": 3,
    "fields": [FOREIGN, PASSPORT, PAY, DUE], "totals": ["aporte"],
}  # fmt: skip
TOTAL: dict[str, Any] = {
    "id": "total", "type": "computed", "label": "Total", "sum_of": "socios.aporte", "result": "money_clp"
}  # fmt: skip
BUNDLE = bundle_asking([ABROAD, MONTHS], [PARTNERS, TOTAL])
BEFORE = {"con_extranjeros": True, "meses": 2}
ROW = {"id": "a1", "extranjero": True, "pasaporte": "P1", "sueldo": 500}


def _sent(**more: Any) -> dict[str, Any]:
    return {"socios-rows": ["a1"], "socios-a1-sueldo": "500", **more}


def _rows(form: PageForm) -> Any:
    return form.cleaned_answers()["socios"]


def test_a_row_asks_only_what_its_own_answers_open() -> None:
    closed = page(BUNDLE, _sent(**{"socios-a1-extranjero": "no", "socios-a1-pasaporte": "P1"}), page=2, stored=BEFORE)
    assert closed.is_valid(), closed.problems
    assert _rows(closed) == [{"id": "a1", "extranjero": False, "sueldo": 500, "aporte": 1000}], "hidden: no answer"
    opened = page(BUNDLE, _sent(**{"socios-a1-extranjero": "yes"}), page=2, stored=BEFORE)
    assert texts(opened) == ["Socio 1: Completa «Pasaporte»"]
    assert not page(BUNDLE, _sent(), page=2, stored=BEFORE).box("socios-a1-pasaporte").visible


def test_each_row_stands_for_itself() -> None:
    sent = _sent(**{
        "socios-rows": ["a1", "b2"], "socios-a1-extranjero": "yes", "socios-a1-pasaporte": "P1",
        "socios-b2-extranjero": "no", "socios-b2-pasaporte": "P2", "socios-b2-sueldo": "100",
    })  # fmt: skip
    form = page(BUNDLE, sent, page=2, stored=BEFORE)
    assert [row.get("pasaporte") for row in _rows(form)] == ["P1", None]
    assert [form.box(f"socios-{row}-pasaporte").visible for row in ("a1", "b2")] == [True, False]


def test_a_row_follows_what_was_answered_outside_of_it() -> None:
    form = page(BUNDLE, _sent(**{"socios-a1-extranjero": "yes"}), page=2, stored={"con_extranjeros": False, "meses": 1})
    assert form.is_valid(), form.problems
    assert _rows(form) == [{"id": "a1", "sueldo": 500, "aporte": 500}]


def test_what_another_page_hides_in_a_row_is_forgotten_with_that_page() -> None:
    form = page(BUNDLE, {"con_extranjeros": "no", "meses": "3"}, page=1, stored={**BEFORE, "socios": [ROW]})
    assert form.cleaned_answers()["socios"] == [{"id": "a1", "sueldo": 500, "aporte": 1500}]
    same = page(
        BUNDLE, {"con_extranjeros": "yes", "meses": "2"}, page=1, stored={**BEFORE, "socios": [{**ROW, "aporte": 1000}]}
    )
    assert "socios" not in same.cleaned_answers(), "nothing in it changed"


def test_a_page_that_saves_while_one_writes_draws_only_what_opened_in_the_row() -> None:
    had = ["socios", "socios-a1-extranjero", "socios-a1-sueldo", "socios-a1-aporte", "total"]
    form = page(BUNDLE, _sent(_visto=had, **{"socios-a1-extranjero": "yes"}), page=2, stored=BEFORE)
    assert [(box.name, box.visible) for box in form.redrawn] == [
        ("socios-a1-pasaporte", True), ("socios-a1-aporte", True), ("total", True),
    ]  # fmt: skip
    closed = page(BUNDLE, _sent(_visto=[*had, "socios-a1-pasaporte"]), page=2, stored=BEFORE)
    assert ("socios-a1-pasaporte", False) in [(box.name, box.visible) for box in closed.redrawn]


def test_without_script_the_page_comes_back_with_what_the_answer_opened() -> None:
    had = ["socios", "socios-a1-extranjero", "socios-a1-sueldo", "socios-a1-aporte", "total"]
    form = page(BUNDLE, _sent(_visto=had, **{"socios-a1-extranjero": "yes"}), page=2, stored=BEFORE)
    assert form.needs_more
    assert not form.problems
    assert [item.target for item in form.newly_asked] == ["q-socios-a1-pasaporte"]


def test_a_question_of_a_row_may_be_required_by_another() -> None:
    phone = {"id": "fono", "type": "text", "label": "Teléfono", "required_when": _when("socios.jefe", True)}
    chief = {"id": "jefe", "type": "yes_no", "label": "¿Dirige?"}
    bundle = bundle_asking([{**PARTNERS, "fields": [chief, phone], "totals": []}])
    assert page(bundle, {"socios-rows": ["a1"], "socios-a1-jefe": "no"}).is_valid()
    assert texts(page(bundle, {"socios-rows": ["a1"], "socios-a1-jefe": "yes"})) == ["Socio 1: Completa «Teléfono»"]


def test_an_option_of_a_row_is_offered_only_when_its_condition_holds() -> None:
    kind = {"id": "clase", "type": "choice", "label": "Clase", "options": [
        {"id": "a", "label": "A"}, {"id": "b", "label": "B"},
        {"id": "visa", "label": "Con visa", "only_when": _when("socios.extranjero", True)},
    ]}  # fmt: skip
    foreign = {key: value for key, value in FOREIGN.items() if key != "visible_when"}
    bundle = bundle_asking([{**PARTNERS, "fields": [foreign, kind], "totals": []}])
    wrong = page(bundle, {"socios-rows": ["a1"], "socios-a1-extranjero": "no", "socios-a1-clase": "visa"})
    assert not wrong.is_valid()
    assert page(bundle, {"socios-rows": ["a1"], "socios-a1-extranjero": "yes", "socios-a1-clase": "visa"}).is_valid()


def test_a_row_works_out_its_own_and_the_group_adds_them_up() -> None:
    sent = _sent(**{"socios-rows": ["a1", "b2"], "socios-b2-sueldo": "250"})
    form = page(BUNDLE, sent, page=2, stored={"con_extranjeros": False, "meses": 2})
    assert [row["aporte"] for row in _rows(form)] == [1000, 500]
    assert form.box("socios").totals == [("Total de Aporte", "$ 1.500")]
    assert form.cleaned_answers()["total"] == 1500
    said = display_value(form.box("socios").question, _rows(form))
    assert said == (
        "Socio 1. Sueldo: $ 500; Aporte: $ 1.000\nSocio 2. Sueldo: $ 250; Aporte: $ 500\nTotal de Aporte: $ 1.500"
    )


def test_a_computed_answer_cannot_be_sent() -> None:
    form = page(BUNDLE, _sent(**{"socios-a1-aporte": "1"}), page=2, stored={"con_extranjeros": False, "meses": 2})
    assert _rows(form)[0]["aporte"] == 1000


def test_a_sum_waits_for_what_a_row_typed_and_cannot_be_read() -> None:
    sent = _sent(**{"socios-rows": ["a1", "b2"], "socios-b2-sueldo": "mucho"})
    form = page(BUNDLE, sent, page=2, stored={"con_extranjeros": False, "meses": 2})
    assert "total" not in form.cleaned_answers()
    assert "aporte" not in _rows(form)[1]


def test_the_summary_tells_of_each_row_only_what_it_asks() -> None:
    told = summary(BUNDLE, "inicio", {"inicio": {**BEFORE, "con_extranjeros": False, "socios": [ROW]}})
    assert "Pasaporte" not in told[1].rows[0].value
    _pages, kept = asked_pages(BUNDLE, "inicio", {"inicio": {**BEFORE, "socios": [{**ROW, "extranjero": False}]}})
    assert kept["socios"] == [{"id": "a1", "extranjero": False, "sueldo": 500}]


def _found(check: Any, *fields: dict[str, Any]) -> list[str]:
    """What a check of the gate finds in a form of one page with these questions."""
    return [finding.code for finding in check(Subject(bundle_asking(list(fields))))]


def _group(*inner: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "socios", "type": "group", "label": "Socios", "fields": list(inner), **more}


def test_the_gate_lets_a_row_look_at_itself_and_at_what_came_before() -> None:
    for check in (conditions_make_sense, questions_depend_on_earlier_ones, results_can_be_computed, rows_can_be_named):
        assert _found(check, ABROAD, MONTHS, PARTNERS, TOTAL) == [], check.__name__


def test_the_gate_knows_the_questions_of_a_row_only_inside_it() -> None:
    after = {"id": "otra", "type": "text", "label": "Otra", "visible_when": _when("socios.extranjero", True)}
    assert _found(conditions_make_sense, ABROAD, MONTHS, PARTNERS, after) == ["unknown_field"]
    misspelt = {**PASSPORT, "visible_when": _when("socios.extranjera", True)}
    assert _found(conditions_make_sense, ABROAD, _group(FOREIGN, misspelt)) == ["unknown_field"]


def test_the_gate_refuses_a_row_that_looks_at_what_comes_later() -> None:
    later = _found(questions_depend_on_earlier_ones, ABROAD, _group(PASSPORT, FOREIGN))
    assert later == ["later_question"]
    outside = _found(questions_depend_on_earlier_ones, _group(FOREIGN), ABROAD)
    assert outside == ["later_question"]
    due = {**DUE, "formula": "socios.sueldo * 2"}
    assert _found(results_can_be_computed, MONTHS, _group(due, PAY)) == ["later_question"]
    assert _found(results_can_be_computed, _group(PAY, DUE), MONTHS) == ["later_question"]


def test_the_gate_refuses_a_group_with_rules_that_is_named_as_a_step() -> None:
    named = {**_group({**PASSPORT, "visible_when": _when("inicio.extranjero", True)}), "id": "inicio"}
    assert _found(rows_can_be_named, named) == ["group_named_as_step"]
    assert _found(rows_can_be_named, {**_group(PAY), "id": "inicio"}) == []
    assert _found(rows_can_be_named, _group(PAY, PAY)) == ["repeated_id"]


def test_a_row_that_works_out_a_sealed_answer_must_be_sealed() -> None:
    sealed = {**MONTHS, "sensitive": True, "personal": {"purpose": "Ayudar", "basis": "Ley"}}
    found = _found(what_is_worked_out_of_sensitive_data_is_sensitive, sealed, _group(PAY, DUE))
    assert found == ["sensitive_computed"]
    whole = _group(PAY, DUE, sensitive=True, personal={"purpose": "Ayudar", "basis": "Ley"})
    assert _found(what_is_worked_out_of_sensitive_data_is_sensitive, sealed, whole) == []


@pytest.mark.parametrize("wrong", [
    {"id": "obras", "type": "amounts", "label": "Obras", "options": [{"id": "a", "label": "A"}]},
    {"id": "correo", "type": "email", "label": "Correo", "verified": True},
    {"id": "suma", "type": "computed", "label": "Suma", "sum_of": "socios.sueldo"},
])  # fmt: skip
def test_what_a_row_cannot_hold_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"Una fila no admite|En una fila"):
        bundle_asking([_group(PAY, wrong)])
