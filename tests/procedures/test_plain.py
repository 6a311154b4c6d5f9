"""Advice on the words of a procedure: it helps whoever writes and never keeps anything from being published."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from procedures.checking import check, check_data
from procedures.plain import examine, reading_ease, sensitive_words, state_holder

EXAMPLES = Path(__file__).parents[2] / "examples"
GOLDEN = Path(__file__).parent / "golden" / "licence.yaml"
EASY = (
    "Escribe tu dirección. Usa la de tu local. Revisa que esté completa antes de seguir con la otra página, por favor."
)


def advised(label: str, **more: object) -> dict[str, str]:
    """{code: message} of what is advised about a question put first in a sound procedure."""
    data = YAML(typ="safe", pure=True).load(GOLDEN.read_text(encoding="utf-8"))
    question = {"id": "nueva", "type": "text", "label": label, **more}
    data["forms"][0]["pages"][0]["fields"].insert(0, question)
    result = check_data(data)
    assert result.errors == []
    here = "forms.0.pages.0.fields.0"
    return {found.code: found.message for found in result.findings if found.path.startswith(here)}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (EASY, []),
        ("Adjúntese la boleta", ["jargon"]),
        ("Escribe " + "una cosa y otra " * 8, ["long_sentence"]),
        (
            "La documentación correspondiente identificará íntegramente establecimientos comerciales. "
            "Toda irregularidad administrativa determinará inmediatamente responsabilidades funcionarias "
            "extraordinarias. Consecuentemente, notificaremos oportunamente las determinaciones institucionales.",
            ["hard_to_read"],
        ),
    ],
)
def test_each_fault_of_style_is_told(text: str, codes: list[str]) -> None:
    """Check 20."""
    assert [advice.code for advice in examine(text)] == codes


def test_words_of_offices_come_with_plain_ones_and_only_whole_words_count() -> None:
    [advice] = examine("Debes subsanar la solicitud")
    assert "corregir" in advice.remedy
    assert not examine("Insubsanar no es palabra")


def test_an_empty_text_is_easy() -> None:
    assert reading_ease([""]) == 100
    assert not examine("")


def test_a_document_that_the_state_holds_is_told_with_its_holder() -> None:
    """R58."""
    assert state_holder("Certificado de nacimiento de tu hijo") == ("Certificado de nacimiento", "el Registro Civil")
    assert state_holder("Plano del local") is None
    said = advised("Certificado de antecedentes", type="file")
    assert "Registro Civil" in said["state_has_it"]
    held = {"body": "Registro Civil", "reason": "Todavía no hay un servicio que lo entregue."}
    assert "state_has_it" not in advised("Certificado de antecedentes", type="file", held_by_state=held)


def test_a_question_about_health_that_is_not_declared_sensitive_is_told() -> None:
    assert sensitive_words("¿Tienes una discapacidad o enfermedad?") == ["discapacidad", "enfermedad"]
    assert "sensitive_words" in advised("¿Tienes una enfermedad?", required=False)
    declared = {"sensitive": True, "personal": {"purpose": "Dar una hora", "basis": "Ley 20.584"}}
    assert "sensitive_words" not in advised("¿Tienes una enfermedad?", required=False, **declared)


def test_what_is_asked_twice_is_told() -> None:
    """Check 23."""
    data = YAML(typ="safe", pure=True).load(GOLDEN.read_text(encoding="utf-8"))
    label = data["forms"][0]["pages"][0]["fields"][0]["label"]
    page = data["forms"][0]["pages"][1]
    page["fields"].append({"id": "otra_vez", "type": "text", "label": f"¿{label}?", "required": False})
    assert "asked_twice" in {found.code for found in check_data(data).findings}


def test_data_of_somebody_else_want_a_purpose() -> None:
    assert "personal_without_purpose" in advised("Nombre de tu hijo o hija")
    purpose = {"purpose": "Inscribirle", "basis": "Ley 20.370"}
    assert "personal_without_purpose" not in advised("Nombre de tu hijo o hija", personal=purpose)


@pytest.mark.parametrize(
    ("title", "more", "advised"),
    [
        ("Informe de la Dirección de Obras", {}, ["Informe"]),
        ("Redactar el decreto", {}, ["Redactar", "decreto"]),
        ("Visita a tu local", {}, []),
        ("Informe de la Dirección de Obras", {"applicant_title": "Revisión de tu local"}, []),
    ],
)
def test_a_step_followed_by_a_name_of_offices_wants_one_of_people(
    title: str, more: dict[str, str], advised: list[str]
) -> None:
    """Check 20. Never a fault: whoever writes may know better."""
    data = YAML(typ="safe", pure=True).load(GOLDEN.read_text(encoding="utf-8"))
    data["steps"][1] |= {"title": title, **more}
    result = check_data(data)
    found = [one for one in result.findings if one.code == "office_name" and one.path == "steps.1.title"]
    assert [one.message.split("«")[2].split("»")[0] for one in found] == advised
    assert result.errors == []


def test_a_name_for_people_is_read_like_their_other_texts() -> None:
    data = YAML(typ="safe", pure=True).load(GOLDEN.read_text(encoding="utf-8"))
    data["steps"][1]["applicant_title"] = "Debes subsanar"
    [found] = [one for one in check_data(data).findings if one.path == "steps.1.applicant_title"]
    assert found.code == "jargon"


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.yaml") if path.name != "offerings.yaml"))
def test_no_example_asks_for_what_is_known_nor_names_its_steps_as_offices_do(name: str) -> None:
    """Checks 20 and 23, R58."""
    found = check((EXAMPLES / name).read_text(encoding="utf-8")).findings
    assert [one.message for one in found if one.code in ("asked_twice", "already_known", "office_name")] == []
