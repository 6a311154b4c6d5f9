"""What answers decide inside a form: the same code says it on the page, on submission and in the summary."""

from decimal import Decimal
from typing import Any

import pytest

from procedures.api import PageForm, asked_pages, build_form, summary
from procedures.gate import _CHECKS, Subject
from procedures.schema import Bundle
from tests.forms.sample import EVERY_TYPE, STORED, bundle_asking, when

NAME: dict[str, Any] = {"id": "nombre", "type": "text", "label": "Nombre"}
AGE: dict[str, Any] = {"id": "edad", "type": "integer", "label": "Edad"}
KIND: dict[str, Any] = {
    "id": "clase",
    "type": "choice",
    "label": "Clase",
    "options": [{"id": "casa", "label": "Casa"}, {"id": "local", "label": "Local"}],
}
USE: dict[str, Any] = {
    "id": "uso",
    "type": "choice",
    "label": "Uso",
    "options": [
        {"id": "vivir", "label": "Vivir", "only_when": when("clase", "casa")},
        {"id": "vender", "label": "Vender", "only_when": when("clase", "local")},
        {"id": "otro", "label": "Otro"},
    ],
}


def changed(bundle: Bundle, **form_keys: Any) -> Bundle:
    data = bundle.model_dump(mode="json", exclude_defaults=True)
    data["forms"][0] |= form_keys
    return Bundle.model_validate(data)


def with_pages(bundle: Bundle, *keys: dict[str, Any]) -> Bundle:
    data = bundle.model_dump(mode="json", exclude_defaults=True)
    for page, more in zip(data["forms"][0]["pages"], keys, strict=True):
        page |= more
    return Bundle.model_validate(data)


def page(bundle: Bundle, data: Any = None, stored: dict[str, Any] | None = None, **options: Any) -> PageForm:
    options.setdefault("page", 1)
    return build_form(bundle=bundle, step_id="inicio", answers={"inicio": stored or {}}, data=data, **options)


def texts(form: PageForm) -> list[str]:
    return [problem.text for problem in form.problems]


def codes(bundle: Bundle) -> set[str]:
    """What the gate's checks of forms and data say, whatever else such a small procedure lacks."""
    subject = Subject(bundle)
    checks = [
        check for checks in _CHECKS.values() for check in checks if check.__module__.endswith((".forms", ".data"))
    ]
    return {finding.code for check in checks for finding in check(subject)}


def test_an_answer_makes_another_one_a_duty() -> None:
    bundle = bundle_asking([KIND, {**NAME, "required_when": when("clase", "local")}])
    assert page(bundle, {"clase": "casa", "nombre": ""}).is_valid()
    assert texts(page(bundle, {"clase": "local", "nombre": ""})) == ["Completa «Nombre»"]


def test_an_option_is_offered_only_when_its_condition_holds_and_a_forged_one_is_refused() -> None:
    bundle = bundle_asking([KIND, USE])
    assert page(bundle, {"clase": "casa", "uso": "vivir"}).is_valid()
    forged = page(bundle, {"clase": "casa", "uso": "vender"})
    assert texts(forged) == ["Elige una de las opciones que se muestran"]
    assert "uso" not in forged.cleaned_answers()


def test_options_that_changed_under_the_person_are_shown_again_before_they_count() -> None:
    bundle = bundle_asking([KIND, USE])
    mark = page(bundle, None, {"clase": "casa"}).boxes[1].mark
    form = page(bundle, {"clase": "local", "uso": "otro", "_visto": ["clase", mark]}, {"clase": "casa"})
    assert not form.is_valid()
    assert form.needs_more
    assert [box.name for box in form.redrawn] == ["uso"]


def test_a_stored_answer_that_is_no_longer_offered_does_not_count_anywhere() -> None:
    bundle = bundle_asking([KIND], [USE])
    stored = {"clase": "local", "uso": "vivir"}
    assert asked_pages(bundle, "inicio", {"inicio": stored})[1] == {"clase": "local"}
    assert page(bundle, {"clase": "local"}, stored).removed_answers() == {"uso"}


def test_a_skip_leaves_out_the_pages_between_and_their_answers() -> None:
    bundle = with_pages(
        bundle_asking([AGE], [NAME], [KIND]), {"skip": [{"when": at_least(60), "goto": "pagina3"}]}, {}, {}
    )
    young, old = ({"inicio": {"edad": age, "nombre": "Ana", "clase": "casa"}} for age in (30, 62))
    assert [asked.number for asked in asked_pages(bundle, "inicio", young)[0]] == [1, 2, 3]
    assert [asked.number for asked in asked_pages(bundle, "inicio", old)[0]] == [1, 3]
    assert asked_pages(bundle, "inicio", old)[1] == {"edad": 62, "clase": "casa"}
    assert [section.page for section in summary(bundle, "inicio", old)] == [1, 3]
    assert page(bundle, {"edad": "62"}, young["inicio"]).removed_answers() == {"nombre"}


def test_a_page_is_asked_only_when_its_condition_holds_and_a_forged_answer_of_it_is_refused() -> None:
    bundle = with_pages(bundle_asking([KIND], [NAME]), {}, {"visible_when": when("clase", "local")})
    assert page(bundle, None, {"clase": "casa"}).asked == [1]
    forged = page(bundle, {"nombre": "Ana"}, {"clase": "casa"}, page=2)
    assert forged.cleaned_answers() == {}


def at_least(age: int) -> dict[str, Any]:
    return {"all": [{"field": "inicio.edad", "op": "ge", "value": age}]}


def test_a_way_out_is_told_with_what_to_do_instead() -> None:
    exit_page = {
        "id": "menor",
        "when": {"all": [{"field": "inicio.edad", "op": "lt", "value": 18}]},
        "title": "No puedes hacer este trámite aquí",
        "text": "Es para mayores de edad.",
        "instead": [{"label": "Pide que lo haga tu madre, padre o quien te cuida"}],
    }
    bundle = with_pages(bundle_asking([AGE], [NAME]), {"exits": [exit_page]}, {})
    young = page(bundle, {"edad": "17"})
    assert young.is_valid()
    assert young.exit is not None
    assert young.exit.instead[0].label.startswith("Pide")
    assert page(bundle, {"edad": "18"}).exit is None


def test_a_default_is_shown_to_be_changed_and_is_no_answer_until_it_is_sent() -> None:
    bundle = bundle_asking([{**NAME, "default": "Local 1"}])
    form = page(bundle)
    assert form.boxes[0].bound is not None
    assert 'value="Local 1"' in form.boxes[0].bound.as_field_group()
    assert form.cleaned_answers() == {}
    assert page(bundle, {"nombre": "Local 1"}).cleaned_answers() == {"nombre": "Local 1"}


DATES = [{"id": "desde", "type": "date", "label": "Desde"}, {"id": "hasta", "type": "date", "label": "Hasta"}]
IN_ORDER = {
    "id": "orden",
    "must": {"cel": "inicio.hasta >= inicio.desde"},
    "message": "Revisa las fechas: «Hasta» va después de «Desde»",
    "at": "hasta",
}


def sent(start: str, end: str) -> dict[str, str]:
    parts = zip(("desde", "hasta"), (start, end), strict=True)
    return {f"{name}_{place}": part for name, day in parts for place, part in enumerate(day.split("/"))}


def test_a_rule_between_answers_speaks_to_the_person_beside_one_of_them() -> None:
    bundle = changed(bundle_asking(DATES), rules=[IN_ORDER])
    wrong = page(bundle, sent("2/3/2026", "1/3/2026"))
    assert not wrong.is_valid()
    assert [(problem.target, problem.text) for problem in wrong.problems] == [("q-hasta_0", IN_ORDER["message"])]
    assert page(bundle, sent("1/3/2026", "2/3/2026")).is_valid()


def test_a_rule_waits_until_all_it_looks_at_is_answered() -> None:
    bundle = changed(bundle_asking([DATES[0], {**DATES[1], "required": False}]), rules=[IN_ORDER])
    assert page(bundle, {"desde_0": "2", "desde_1": "3", "desde_2": "2026"}).is_valid()


SHARES: dict[str, Any] = {
    "id": "socios",
    "type": "group",
    "label": "Socios",
    "row_title": "Socio",
    "unique": ["run"],
    "totals": ["parte"],
    "fields": [{"id": "run", "type": "run", "label": "RUN"}, {"id": "parte", "type": "percentage", "label": "Parte"}],
}
TOTAL = {"id": "todo", "type": "computed", "label": "Suma", "sum_of": "socios.parte", "result": "percentage"}
COMPLETE = {
    "id": "cien",
    "must": {"all": [{"field": "inicio.todo", "op": "eq", "value": "100"}]},
    "message": "Las partes deben sumar 100 %",
    "at": "socios",
}


def shares(*rows: tuple[str, str]) -> dict[str, Any]:
    sent: dict[str, Any] = {"socios-rows": [f"r{place}" for place, _row in enumerate(rows)]}
    for place, (run, share) in enumerate(rows):
        sent |= {f"socios-r{place}-run": run, f"socios-r{place}-parte": share}
    return sent


def test_rows_that_must_differ_are_told_by_name() -> None:
    bundle = bundle_asking([SHARES])
    assert texts(page(bundle, shares(("11111111-1", "40"), ("11.111.111-1", "60")))) == [
        "Socio 2 repite «RUN» de otra fila. Cámbialo o quita la fila"
    ]


def test_what_lacks_in_a_row_is_told_with_the_name_of_the_row() -> None:
    lacking = page(bundle_asking([SHARES]), shares(("11111111-1", "40"), ("", "60"), ("", "")))
    assert texts(lacking) == ["Socio 2: Escribe el RUN", "Socio 3: Escribe el RUN", "Socio 3: Completa «Parte»"]


def test_a_rule_over_the_rows_of_a_group_looks_at_their_sum() -> None:
    bundle = changed(bundle_asking([SHARES, TOTAL]), rules=[COMPLETE])
    wrong = page(bundle, shares(("11111111-1", "40"), ("12345678-5", "50,5")))
    assert texts(wrong) == ["Las partes deben sumar 100 %"]
    assert wrong.boxes[0].totals == [("Total de Parte", "90,5 %")]
    right = page(bundle, shares(("11111111-1", "40"), ("12345678-5", "60")))
    assert right.is_valid()
    assert right.cleaned_answers()["todo"] == "100"


def test_a_formula_is_worked_out_by_the_server_and_a_forged_result_is_ignored() -> None:
    sides = [{"id": side, "type": "decimal", "label": side} for side in ("largo", "ancho")]
    area = {"id": "area", "type": "computed", "label": "Área", "formula": "inicio.largo * inicio.ancho", "unit": "m²"}
    bundle = bundle_asking([*sides, area])
    form = page(bundle, {"largo": "2,5", "ancho": "4", "area": "999"}, {"area": "999"})
    assert form.cleaned_answers()["area"] == "10"
    assert form.boxes[2].said == "10 m²"
    assert "area" not in page(bundle, {"largo": "2,5", "ancho": ""}).cleaned_answers()


def test_a_formula_may_use_the_uf_of_the_day() -> None:
    price = {"id": "precio", "type": "money_uf", "label": "Precio"}
    pesos = {
        "id": "pesos", "type": "computed", "label": "En pesos", "formula": "inicio.precio * indicator.uf",
        "result": "money_clp",
    }  # fmt: skip
    bundle = bundle_asking([price, pesos])
    form = page(bundle, {"precio": "100"}, pesos={"uf": Decimal("39643.59")})
    assert form.cleaned_answers()["pesos"] == 3_964_359
    assert form.boxes[0].bound is not None
    assert "1 UF = $ 39.643,59" in form.boxes[0].bound.as_field_group()
    assert "pesos" not in page(bundle, {"precio": "100"}).cleaned_answers()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rules": [{**IN_ORDER, "at": "nada"}]}, "unknown_name"),
        ({"rules": [{**IN_ORDER, "must": {"cel": "inicio.despues > 1"}}]}, "later_question"),
        ({"rules": [{**IN_ORDER, "must": {"cel": "inicio.desde + 1"}}]}, "types_differ"),
    ],
)
def test_the_gate_refuses_rules_that_cannot_be_told(change: dict[str, Any], code: str) -> None:
    later = {"id": "despues", "type": "integer", "label": "Después"}
    assert code in codes(changed(bundle_asking(DATES, [later]), **change))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([SHARES, {**TOTAL, "sum_of": "socios.run"}], "nothing_to_add"),
        ([TOTAL, SHARES], "nothing_to_add"),
        ([{**SHARES, "totals": ["run"]}], "unknown_name"),
        ([{**KIND, "type": "linked"}], "options_not_grouped"),
        ([{**KIND, "default": "torre"}], "default_of_other_type"),
        ([NAME, {"id": "x", "type": "computed", "label": "X", "formula": "inicio.nombre"}], "formula_of_other_type"),
        ([{"id": "x", "type": "computed", "label": "X", "formula": "inicio.nada + 1"}], "unknown_field"),
    ],
)
def test_the_gate_refuses_questions_that_cannot_work(fields: list[dict[str, Any]], code: str) -> None:
    assert code in codes(bundle_asking(fields))


@pytest.mark.parametrize(("goto", "code"), [("pagina1", "skip_back"), ("nada", "unknown_name")])
def test_the_gate_refuses_a_skip_that_does_not_lead_forward(goto: str, code: str) -> None:
    skip = {"when": at_least(60), "goto": goto}
    assert code in codes(with_pages(bundle_asking([AGE], [NAME]), {"skip": [skip]}, {}))


def test_every_answer_of_the_sample_is_said_in_words_and_none_is_lost_in_the_summary() -> None:
    sections = summary(bundle_asking(EVERY_TYPE), "inicio", {"inicio": STORED})
    said = {row.question.id: row.value for section in sections for row in section.rows}
    assert said["domicilio"] == "Libertad 450, Chillán, provincia de Diguillín, región de Ñuble"
    assert said["pasaporte"] == "Pasaporte N° AB123456 de Perú"
    assert said["visita"] == "01/12/2026, 15:30 horas"
    assert said["vacaciones"] == "del 01/02/2026 al 15/02/2026"
    assert said["horarios"] == "1. Tarde\n2. Mañana\n3. Noche"
    assert said["presupuesto"] == "Materiales: $ 1.500.000\nSueldos: $ 500.000\nTotal: $ 2.000.000"
    assert said["cuenta_pago"] == "BancoEstado, Cuenta vista o CuentaRUT N° 12345678, de 12.345.678-5"
    assert (said["rubro"], said["tasacion"]) == ("Comercio: Librería", "1.250,5 UF")
