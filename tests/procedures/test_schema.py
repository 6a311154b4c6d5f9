"""The bundle: closed, immutable, and easy to ask."""

from typing import Any

import pytest
from pydantic import ValidationError

from procedures.schema import ACT_KINDS, HUMAN_KINDS, STEP_KINDS, Bundle, Field, types_of
from procedures.schema.base import RESERVED_IDS
from tests.procedures.bundles import certificate_data, licence, with_fields
from tests.workflows.flows import flow, form, report, yes_no


def test_a_bundle_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        licence().title = "Otro"


def test_the_kinds_are_those_of_the_schema() -> None:
    assert set(STEP_KINDS) == {
        "start", "task", "correction", "parallel", "draft", "sign", "seal", "lookup", "register", "notify", "end",
        "decision", "wait", "for_each", "service", "subcase", "referral",
    }  # fmt: skip
    assert set(STEP_KINDS) >= HUMAN_KINDS | ACT_KINDS


def test_every_step_is_found_those_of_branches_too() -> None:
    bundle = licence()
    assert bundle.step("contrainforme").kind == "task"
    assert [step.id for step in bundle.all_steps()] == list(bundle.steps_by_id)
    assert bundle.start.id == "inicio"
    assert {end.outcome for end in bundle.ends} == {"approved", "rejected", "withdrawn"}


@pytest.mark.parametrize("ask", [Bundle.step, Bundle.form, Bundle.document, Bundle.notice, Bundle.role, Bundle.field])
def test_what_does_not_exist_is_a_key_error(ask: Any) -> None:
    with pytest.raises(KeyError):
        ask(licence(), "nada")


def test_a_correction_fills_the_form_of_what_it_amends() -> None:
    assert licence().form_of("correccion") == licence().form_of("inicio")
    assert licence().form_of("registro") is None


def test_types_cover_answers_and_what_lookups_bring_and_nothing_else() -> None:
    types = types_of(Bundle.model_validate(certificate_data()))
    assert types["inicio.rut"] == "rut"
    assert types["consulta.found"] == "yes_no"
    assert types["consulta.comuna"] == "commune"
    assert not [path for path in types_of(licence()) if path.startswith("correccion.")]


def test_a_text_between_questions_is_no_datum() -> None:
    bundle = with_fields(
        {"id": "nota", "type": "info", "text": "Lee esto."}, {"id": "uno", "type": "text", "label": "Uno"}
    )
    assert [path for path in types_of(bundle) if path.startswith("inicio.")] == ["inicio.uno"]


@pytest.mark.parametrize(
    "name", ["Uno", "1uno", "ñandú", "uno-dos", "uno__dos", "mi_path", "x" * 41, *sorted(RESERVED_IDS)[:5]]
)
def test_ids_that_could_be_misread_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Field(id=name, type="text", label="Uno")


@pytest.mark.parametrize("name", ["fee", "law"])
def test_a_version_published_before_texts_named_fees_and_terms_still_loads(name: str) -> None:
    """Published ids are frozen: only what is published from now on may be asked to leave a name free."""
    role = {"id": name, "title": "Cargo"}
    step = {**report(name, name, "sello"), "form": name}
    data = flow(step, forms=(form(name, yes_no(name)),))
    assert Bundle.model_validate({**data, "roles": [role]}).fields_of(name)[0].id == name


@pytest.mark.parametrize(
    "field",
    [
        {"type": "choice", "label": "Sin opciones"},
        {"type": "text", "label": ""},
        {"type": "info", "label": "Sin texto"},
        {"type": "group", "label": "Sin preguntas"},
        {"type": "yes_no", "label": "Con largo", "max_length": 3},
        {"type": "integer", "label": "Con flotante", "min": 0.5},
        {"type": "text", "label": "Con clave ajena", "color": "rojo"},
    ],
)
def test_a_field_takes_only_the_keys_of_its_type(field: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Field(id="campo", **field)


def test_a_way_out_keeps_its_order_condition_and_words() -> None:
    routes = licence().step("admision").routes
    assert [(route.target, route.label) for route in routes] == [
        ("correccion", "Con observaciones"),
        ("redaccion_rechazo_inicial", "Infundada"),
        ("informes", "Admitida"),
    ]
    assert [route.condition is None for route in routes] == [False, False, True]


def test_ways_besides_the_next_step_are_told_apart() -> None:
    assert licence().step("correccion").side_targets == ("sin_corregir",)
    assert licence().step("firma_decreto").side_targets == ("redaccion_decreto",)
