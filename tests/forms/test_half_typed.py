"""What is no answer yet: kept as it was typed, shown again, and never taken for an answer."""

from typing import Any

from procedures.api import PageForm, display_value
from procedures.forms.questions import MOST_TYPED
from procedures.schema import Bundle
from tests.forms.sample import BILL, bundle_asking
from tests.forms.test_pages_of_questions import page, texts, upload

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


def test_a_whole_date_pasted_in_one_box_is_shown_in_the_three() -> None:
    drawn = _shown(page(BUNDLE, {"nace_0": "21 de nov de 2026"}), "nace")
    assert [f'value="{part}"' in drawn for part in ("21", "nov", "2026")] == [True, True, True]


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


def test_a_rule_about_a_total_waits_until_every_row_has_its_part() -> None:
    rule = {"id": "cien", "must": {"cel": "inicio.total == 100.0"}, "message": "Deben sumar 100 %.", "at": "socios"}
    data = bundle_asking([PARTNERS, TOTAL]).model_dump(mode="json", by_alias=True, exclude_unset=True)
    data["forms"][0]["rules"] = [rule]
    bundle = Bundle.model_validate(data)
    rows = {"socios-rows": ["a1", "b2"], "socios-a1-parte": "60"}
    born = {f"socios-{row}-nace_0": "5/3/1990" for row in ("a1", "b2")}
    assert texts(page(bundle, {**rows, **born})) == ["Socio 2: Completa «Su parte»"]
    assert texts(page(bundle, {**rows, **born, "socios-b2-parte": "60"})) == ["Deben sumar 100 %."]
    assert page(bundle, {**rows, **born, "socios-b2-parte": "40"}).is_valid()


def test_a_file_that_does_not_serve_is_told_though_another_button_was_pressed() -> None:
    """Without script: the browser does not send it again."""
    bundle = bundle_asking([BILL, PARTNERS])
    added = page(bundle, {"_change": "add:socios"}, files=upload(b"nada"))
    assert len(texts(added)) == 1
    assert "PDF" in texts(added)[0]
    assert texts(page(bundle, {"_change": "add:socios"}, files=upload())) == []
    assert texts(page(bundle, {"_change": "add:socios"})) == []


def test_a_page_that_saves_itself_sends_the_totals_and_not_the_rows_under_the_hands_of_whoever_writes() -> None:
    group = {**PARTNERS, "totals": ["parte"]}
    (drawn,) = page(bundle_asking([group]), {"socios-rows": ["a1"]}).boxes
    marks = [drawn.mark, *(box.mark for box in drawn.rows[0].boxes)]
    saved = page(bundle_asking([group]), {"socios-rows": ["a1"], "socios-a1-parte": "60", "_visto": marks})
    assert saved.redrawn == []
    assert [box.totals for box in saved.added_up] == [[("Total de Su parte", "60 %")]]


def test_what_need_not_be_answered_any_more_does_not_bring_the_page_back() -> None:
    who = {"id": "quien", "type": "yes_no", "label": "¿Es para ti?"}
    age = {
        "id": "edad", "type": "integer", "label": "Edad", "required": False,
        "required_when": {"all": [{"field": "inicio.quien", "op": "eq", "value": True}]},
    }  # fmt: skip
    bundle = bundle_asking([who, age])
    had_to = [box.mark for box in page(bundle, {"quien": "yes"}).boxes]
    need_not = [box.mark for box in page(bundle, {"quien": "no"}).boxes]
    changed = page(bundle, {"quien": "no", "_visto": had_to})
    assert (changed.newly_asked, changed.is_valid()) == ([], True)
    assert [box.name for box in changed.redrawn] == ["edad"], "its label says that it is optional now"
    asked = page(bundle, {"quien": "yes", "_visto": need_not})
    assert [problem.text for problem in asked.newly_asked] == ["Edad"]


def test_each_datum_of_a_row_is_said_with_its_question() -> None:
    rows = [{"id": "a", "parte": "60", "nace": "1990-03-05"}]
    field = BUNDLE.field("inicio.socios")
    assert display_value(field, rows) == "Socio 1. Su parte: 60 %; Nacimiento: 05/03/1990"


def test_what_could_not_be_worked_out_is_not_said_to_be_missing_from_the_person() -> None:
    assert display_value(BUNDLE.field("inicio.total"), None) == "Sin calcular"
