"""What is no answer yet: kept as it was typed, shown again, and never taken for an answer."""

from typing import Any

from procedures.api import PageForm
from procedures.forms.questions import MOST_TYPED
from tests.forms.sample import bundle_asking
from tests.forms.test_pages_of_questions import page, texts

RUN: dict[str, Any] = {"id": "run", "type": "run", "label": "RUN"}
BORN: dict[str, Any] = {"id": "nace", "type": "date", "label": "Nacimiento"}
HOME: dict[str, Any] = {"id": "casa", "type": "address", "label": "Dirección del taller"}
STORY: dict[str, Any] = {"id": "relato", "type": "textarea", "label": "Relato", "max_length": 10}
SHARE: dict[str, Any] = {"id": "parte", "type": "percentage", "label": "Su parte"}
PARTNERS: dict[str, Any] = {
    "id": "socios", "type": "group", "label": "Socios", "row_title": "Socio", "min_rows": 1, "max_rows": 3,
    "fields": [SHARE, BORN],
}  # fmt: skip
TOTAL: dict[str, Any] = {
    "id": "total", "type": "computed", "label": "Total", "sum_of": "socios.parte", "result": "percentage"
}  # fmt: skip
BUNDLE = bundle_asking([RUN, BORN, HOME, STORY, PARTNERS, TOTAL])
SENT = {
    "run": "12.345.678", "nace_0": "5", "nace_1": "", "nace_2": "1990", "casa_number": "450", "casa_street": "",
    "relato": "mucho más que diez", "socios-rows": ["a1"], "socios-a1-parte": "sesenta", "socios-a1-nace_0": "1",
}  # fmt: skip


def _shown(form: PageForm, name: str) -> str:
    return str(form.box(name).bound)


def test_what_cannot_be_read_is_kept_as_it_was_typed_and_is_no_answer() -> None:
    sent = page(BUNDLE, SENT)
    assert sent.cleaned_answers() == {"socios": [{"id": "a1"}]}
    half = sent.half_typed()
    assert half["run"] == "12.345.678"
    assert half["nace"] == ["5", "", "1990"]
    assert half["relato"] == "mucho más que diez"
    assert half["socios"]["a1"]["parte"] == "sesenta"


def test_it_is_shown_again_where_it_was_typed() -> None:
    sent = page(BUNDLE, SENT)
    again = page(BUNDLE, stored=sent.cleaned_answers(), typed=sent.half_typed())
    assert 'value="12.345.678"' in _shown(again, "run")
    assert 'value="1990"' in _shown(again, "nace")
    assert 'value="450"' in _shown(again, "casa")
    assert "mucho más que diez" in _shown(again, "relato")
    assert 'value="sesenta"' in _shown(again, "socios-a1-parte")
    assert again.cleaned_answers() == {"socios": [{"id": "a1"}]}


def test_an_answer_takes_the_place_of_what_was_half_typed() -> None:
    form = page(BUNDLE, {**SENT, "run": "12.345.678-5"}, typed={"run": "12.345.678"})
    assert form.half_typed()["run"] is None
    assert form.cleaned_answers()["run"] == "12345678-5"
    answered = page(BUNDLE, stored={"run": "12345678-5"}, typed={"run": "12.345.678"})
    assert 'value="12.345.678-5"' in _shown(answered, "run")


def test_what_was_emptied_is_not_kept() -> None:
    assert page(BUNDLE, {"run": "", "relato": "  "}).half_typed()["run"] is None
    assert page(BUNDLE, {"run": "", "relato": "  "}).half_typed()["relato"] is None


def test_more_than_a_person_writes_is_not_kept() -> None:
    assert page(BUNDLE, {"relato": "x" * (MOST_TYPED + 1)}).half_typed()["relato"] is None


def test_a_sum_waits_until_all_that_it_adds_can_be_read() -> None:
    unread = page(BUNDLE, SENT)
    assert unread.box("total").said == ""
    read = page(BUNDLE, {**SENT, "socios-a1-parte": "60"})
    assert read.box("total").said == "60 %"


def test_each_part_that_is_wrong_is_told_with_its_question_and_leads_to_its_box() -> None:
    form = page(bundle_asking([HOME, BORN]), {"casa_number": "450", "nace_0": "5", "nace_2": "1990"})
    assert [(problem.text, problem.target) for problem in form.problems] == [
        ("Dirección del taller: Completa «Calle, camino o pasaje»", "q-casa_street"),
        ("Dirección del taller: Elige la comuna en «Comuna»", "q-casa_commune"),
        ("Agrega el mes a «Nacimiento»", "q-nace_1"),
    ]
    drawn = _shown(form, "nace")
    assert drawn.count("aria-invalid") == 1
    assert texts(form)[2] in str(form)
