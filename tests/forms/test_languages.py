"""Texts of procedures in other languages: whole sentences or none, marked where the page speaks another."""

from typing import Any

import pytest

from procedures.api import build_form
from procedures.gate import Subject
from procedures.schema import Bundle
from procedures.schema.overlay import texts_of
from procedures.schema.steps import CoApplicants
from procedures.soundness.forms import translations_name_texts
from procedures.soundness.writing import data_of_texts_exist, translated_notices_can_be_filled
from tests.forms.sample import bundle_asking
from tests.procedures.bundles import certificate_data
from workflows.answers import presentation

FIELDS = "forms.solicitud.pages.pagina1.fields"
OPTIONS = [{"id": "casa", "label": "Casa"}, {"id": "local", "label": "Local", "hint": "De venta"}]
ASKED: list[dict[str, Any]] = [
    {"id": "nombre", "type": "text", "label": "Nombre", "hint": "Completo"},
    {"id": "clase", "type": "choice", "label": "Clase", "options": OPTIONS},
    {"id": "listo", "type": "yes_no", "label": "¿Está listo?"},
]
WORDS = {
    f"{FIELDS}.nombre.label": "Name",
    f"{FIELDS}.nombre.hint": "In full",
    f"{FIELDS}.clase.label": "Kind",
    f"{FIELDS}.clase.options.casa.label": "House",
}


def translated(words: dict[str, str] = WORDS, language: str = "en") -> Bundle:
    data = bundle_asking(ASKED).model_dump(mode="json", exclude_defaults=True)
    return Bundle.model_validate({**data, "translations": {language: words}})


def test_what_is_translated_whole_is_read_in_the_language_and_the_rest_in_spanish_and_marked() -> None:
    """Check 17 of pages.md."""
    bundle = translated().spoken("en", "en")
    form = build_form(bundle=bundle, step_id="inicio", page=1, answers={})
    first, second, third = (str(box.bound.as_field_group()) for box in form.boxes if box.bound)
    assert "Name" in first
    assert "In full" in first
    assert "lang=" not in first
    assert "House" not in second
    assert '<legend class="legend" lang="es">Clase' in second
    assert '<div class="choice-text" lang="es">' in second
    assert 'lang="es">¿Está listo?' in third


def test_in_spanish_nothing_changes_and_nothing_is_marked() -> None:
    bundle = translated()
    assert bundle.spoken("es", "es") is bundle


def test_a_language_that_pages_lack_is_marked_on_a_spanish_page() -> None:
    bundle = translated(WORDS, "arn").spoken("arn", "es")
    assert (bundle.forms[0].fields[0].label, bundle.forms[0].fields[0].lang) == ("Name", "arn")
    assert bundle.forms[0].fields[2].lang == ""


def test_the_translated_bundle_answers_like_the_original() -> None:
    bundle = translated()
    other = bundle.spoken("en", "en")
    assert other.types == bundle.types
    assert other.field("inicio.nombre").label == "Name"
    assert bundle.field("inicio.nombre").label == "Nombre"


def test_the_evidence_holds_the_language_and_the_words_that_were_shown() -> None:
    """Architecture 4.14."""
    answers = {"nombre": "Ana", "listo": True}
    shown, spanish = (presentation(translated(), "inicio", answers, locale) for locale in ("en", "es"))
    assert (shown["locale"], shown["questions"][0]["label"]) == ("en", "Name")
    assert shown["questions"][1]["answer"] == "Yes"
    assert spanish["questions"][1]["answer"] == "Sí"
    assert shown["bundle"] == spanish["bundle"] == translated().sha256()


def test_the_gate_refuses_a_translation_of_nothing_and_points_out_a_half_one() -> None:
    wrong = {f"{FIELDS}.nombre.label": "Name", f"{FIELDS}.nombr.label": "Name"}
    found = [(finding.code, finding.severity) for finding in translations_name_texts(Subject(translated(wrong)))]
    assert found == [("unknown_name", "error"), ("half_translated", "suggestion")]


@pytest.mark.parametrize(
    ("english", "codes"),
    [
        ("Application {case.number}", []),
        ("Of {case.filed_on|long_date}", ["unknown_name"]),
        ("Application {case.number|money}", ["format_of_other_type"]),
        ("Application {case.number|long_date}", ["format_of_other_type"]),
        ("Application {case.number|euros}", ["bad_placeholder"]),
        ("Application {case number}", ["bad_placeholder"]),
    ],
)
def test_the_gate_refuses_a_translated_notice_that_could_not_be_filled(english: str, codes: list[str]) -> None:
    """Else it passes, and the case of whoever reads that language is held when the notice is sent."""
    data = certificate_data()
    data["notices"][0]["subject"] = "Solicitud {case.number}"
    path = f"notices.{data['notices'][0]['id']}.subject"
    data["translations"] = {"en": {path: english}}
    found = translated_notices_can_be_filled(Subject(Bundle.model_validate(data)))
    assert [(finding.code, finding.severity) for finding in found] == [(code, "error") for code in codes]


def test_the_gate_refuses_in_spanish_too_a_format_that_what_the_case_knows_cannot_have() -> None:
    data = certificate_data()
    data["notices"][0]["subject"] = "Solicitud {case.number|money} del {case.filed_on|long_date}"
    found = [finding.code for finding in data_of_texts_exist(Subject(Bundle.model_validate(data)))]
    assert found == ["format_of_other_type"]


def test_an_id_is_no_text_to_translate_though_texts_have_its_key_elsewhere() -> None:
    """Else a procedure in English would look for a list of signers that does not exist."""
    assert not list(texts_of(CoApplicants(group="vecinos", run="run", names="nombre")))
    headed = bundle_asking([{**ASKED[1], "options": [{**OPTIONS[0], "group": "Urbano"}]}])
    assert f"{FIELDS}.clase.options.casa.group" in dict(texts_of(headed))
