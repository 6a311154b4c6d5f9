"""Pages of questions: what is asked, kept, refused and said."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.utils.datastructures import MultiValueDict
from django.utils.html import escape

from procedures.api import PageForm, asked_pages, build_form, summary
from tests.forms.sample import (
    BILL,
    EVERY_TYPE,
    GOOD,
    ON_BEHALF,
    PARTNERS,
    RUN_OF_OTHER,
    STORED,
    STORED_BILL,
    bundle_asking,
    when,
)

PDF = b"%PDF-1.7\n%%EOF"
NAME: dict[str, Any] = {"id": "nombre", "type": "text", "label": "Nombre"}
REPRESENTING = bundle_asking([ON_BEHALF, RUN_OF_OTHER])
PARTNERSHIP = bundle_asking([PARTNERS])
BILLING = bundle_asking([NAME, BILL])


def page(bundle: Any, data: Any = None, stored: dict[str, Any] | None = None, **options: Any) -> PageForm:
    options.setdefault("page", 1)
    return build_form(bundle=bundle, step_id="inicio", answers={"inicio": stored or {}}, data=data, **options)


def texts(form: PageForm) -> list[str]:
    return [problem.text for problem in form.problems]


def upload(content: bytes = PDF) -> MultiValueDict[str, Any]:
    return MultiValueDict({"cuenta": [SimpleUploadedFile("cuenta.pdf", content)]})


def test_good_answers_of_every_type_are_stored_normalised() -> None:
    form = page(bundle_asking(EVERY_TYPE), GOOD, {"cuenta": STORED_BILL})
    assert texts(form) == []
    assert form.is_valid()
    assert form.cleaned_answers() == {**STORED, "cuenta": STORED_BILL}


def test_stored_answers_are_checked_again_by_the_same_rules() -> None:
    bundle = bundle_asking(EVERY_TYPE)
    complete = build_form(
        bundle=bundle, step_id="inicio", page=None, answers={"inicio": {**STORED, "cuenta": STORED_BILL}}, stored=True
    )
    assert texts(complete) == []
    assert complete.is_valid()
    lacking = build_form(bundle=bundle, step_id="inicio", page=None, answers={"inicio": STORED}, stored=True)
    assert not lacking.is_valid()
    assert texts(lacking) == ["Adjunta «Cuenta de luz»"]


def test_errors_come_in_the_order_of_the_questions_with_a_link_to_each_control() -> None:
    form = page(bundle_asking(EVERY_TYPE), {"para_quien": "", "socios-rows": ["a1"]})
    assert not form.is_valid()
    assert [problem.target for problem in form.problems] == [
        "q-nombre", "q-relato", "q-trabajadores", "q-superficie", "q-capital", "q-nacimiento_0", "q-telefono", "q-run",
        "q-rut", "q-letrero_0", "q-para_quien_0", "q-giros_0", "q-comuna", "q-cuenta", "q-socios-a1-nombre",
        "q-socios-a1-run", "q-declaro", "q-tasacion", "q-avance", "q-apertura", "q-visita_day_0",
        "q-vacaciones_from_0", "q-pasaporte_kind_0", "q-contacto_names", "q-domicilio_street", "q-cuenta_pago_bank",
        "q-rubro", "q-lugar", "q-horarios_0", "q-presupuesto_materiales", "q-consiente",
    ]  # fmt: skip


def test_a_hidden_question_has_no_control() -> None:
    form = page(REPRESENTING)
    assert [box.question.id for box in form.boxes if box.visible] == ["para_quien"]
    assert list(form.fields) == ["q-para_quien"]


def test_an_answer_that_opens_something_unseen_brings_the_page_back_without_errors() -> None:
    form = page(REPRESENTING, {"para_quien": "otro", "_visto": ["para_quien"]})
    assert not form.is_valid()
    assert form.needs_more
    assert texts(form) == []
    assert [(item.target, item.text) for item in form.newly_asked] == [
        ("q-run_otro", "RUN de la persona que representas")
    ]
    assert form.cleaned_answers() == {"para_quien": "otro"}


def test_what_was_opened_is_demanded_once_it_has_been_seen() -> None:
    form = page(REPRESENTING, {"para_quien": "otro", "run_otro": "", "_visto": ["para_quien", "run_otro"]})
    assert not form.is_valid()
    assert not form.needs_more
    assert texts(form) == ["Completa «RUN de la persona que representas»"]


def test_a_forged_answer_to_a_hidden_question_is_neither_kept_nor_checked() -> None:
    form = page(
        REPRESENTING,
        {"para_quien": "propio", "run_otro": "12345678-5", "_visto": ["para_quien", "run_otro"]},
        {"run_otro": "12345678-5"},
    )
    assert form.is_valid()
    assert form.cleaned_answers() == {"para_quien": "propio"}
    assert form.removed_answers() == {"run_otro"}


def test_an_answer_to_a_question_of_another_page_is_ignored() -> None:
    bundle = bundle_asking([NAME], [{"id": "apodo", "type": "text", "label": "Apodo"}])
    form = page(bundle, {"nombre": "Ana", "apodo": "Anita"})
    assert form.is_valid()
    assert form.cleaned_answers() == {"nombre": "Ana"}


def test_an_answer_on_one_page_removes_what_it_hides_on_another() -> None:
    bundle = bundle_asking([ON_BEHALF], [NAME, RUN_OF_OTHER])
    stored = {"para_quien": "otro", "nombre": "Ana", "run_otro": "12345678-5"}
    form = page(bundle, {"para_quien": "propio", "_visto": ["para_quien"]}, stored)
    assert form.is_valid()
    assert form.removed_answers() == {"run_otro"}


def test_hidden_questions_hide_what_hangs_from_them() -> None:
    deep = {"id": "mandato", "type": "text", "label": "Mandato", "visible_when": when("run_otro", "12345678-5")}
    bundle = bundle_asking([ON_BEHALF, RUN_OF_OTHER, deep])
    stored = {"para_quien": "propio", "run_otro": "12345678-5", "mandato": "Notaría"}
    assert asked_pages(bundle, "inicio", {"inicio": stored})[1] == {"para_quien": "propio"}


def test_a_rule_without_verdict_because_an_answer_is_missing_hides_the_question() -> None:
    size = {"id": "superficie", "type": "decimal", "label": "Superficie", "required": False}
    large = {"id": "plan", "type": "text", "label": "Plan", "visible_when": {"cel": "inicio.superficie > 100.0"}}
    bundle = bundle_asking([size, large])
    assert page(bundle, {"superficie": "", "_visto": ["superficie"]}).is_valid()
    assert page(bundle, {"superficie": "100,5", "_visto": ["superficie"]}).needs_more


def test_rules_read_the_answers_of_other_steps() -> None:
    bundle = bundle_asking(
        [{**NAME, "visible_when": {"all": [{"field": "inicio.para_quien", "op": "eq", "value": "otro"}]}}, ON_BEHALF]
    )
    assert bundle.types["inicio.para_quien"] == "choice"
    scope = {"revision": {"x": 1}, "inicio": {}}
    assert not build_form(bundle=bundle, step_id="inicio", page=1, answers=scope).boxes[0].visible


def test_text_is_kept_as_typed_when_another_answer_is_wrong() -> None:
    form = page(bundle_asking([NAME, {"id": "run", "type": "run", "label": "RUN"}]), {"nombre": "Ana", "run": "99"})
    assert not form.is_valid()
    html = "".join(box.bound.as_field_group() for box in form.boxes if box.bound)
    assert 'value="Ana"' in html
    assert 'value="99"' in html


def test_the_error_is_worded_the_same_beside_the_control_and_in_the_summary() -> None:
    form = page(bundle_asking([NAME]), {"nombre": ""})
    assert form.boxes[0].bound is not None
    assert texts(form)[0] in form.boxes[0].bound.as_field_group()
    assert 'aria-invalid="true"' in form.boxes[0].bound.as_field_group()


def test_no_control_carries_required_and_optional_ones_say_so() -> None:
    form = page(bundle_asking([NAME, {**NAME, "id": "apodo", "label": "Apodo", "required": False}]))
    first, second = (str(box.bound.as_field_group()) for box in form.boxes if box.bound)
    assert "required" not in first
    assert "(opcional)" in second
    assert "(opcional)" not in first


def test_with_one_question_its_label_may_be_the_heading_of_the_page() -> None:
    alone = page(bundle_asking([NAME]), label_as_heading=True)
    together = page(bundle_asking([NAME, ON_BEHALF]), label_as_heading=True)
    assert (alone.heading, together.heading) == ("Nombre", "Página 1")
    assert alone.boxes[0].bound is not None
    assert "<h1" in alone.boxes[0].bound.as_field_group()


@pytest.mark.parametrize("name", ["boxes", "problems", "sections", "heading"])
def test_a_question_named_like_a_part_of_the_form_hides_nothing(name: str) -> None:
    form = page(bundle_asking([{**NAME, "id": name}]), {name: "Ana"})
    assert form.is_valid()
    assert form.cleaned_answers() == {name: "Ana"}
    assert Template("{{ form." + name + " }}").render(Context({"form": form})) == escape(str(getattr(form, name)))


def test_a_file_that_came_with_an_error_elsewhere_is_offered_to_be_stored() -> None:
    form = page(BILLING, {"nombre": ""}, files=upload())
    assert list(form.new_files()) == ["cuenta"]
    form.keep_file("cuenta", STORED_BILL)
    assert not form.is_valid()
    assert texts(form) == ["Completa «Nombre»"]
    assert form.cleaned_answers() == {"cuenta": STORED_BILL}


def test_a_bad_file_is_not_offered_and_the_stored_one_stays() -> None:
    form = page(BILLING, {"nombre": "Ana"}, {"cuenta": STORED_BILL}, files=upload(b"MZ"))
    assert form.new_files() == {}
    assert not form.is_valid()
    assert form.cleaned_answers()["cuenta"] == STORED_BILL


def test_a_stored_file_need_not_be_sent_again() -> None:
    assert page(BILLING, {"nombre": "Ana"}, {"cuenta": STORED_BILL}).is_valid()


def test_removing_a_file_empties_the_answer_and_keeps_what_was_typed() -> None:
    form = page(BILLING, {"nombre": "Ana", "_change": "drop:cuenta"}, {"cuenta": STORED_BILL})
    assert not form.is_valid()
    assert texts(form) == []
    assert form.cleaned_answers() == {"nombre": "Ana"}
    assert form.removed_answers() == {"cuenta"}


def test_a_file_sent_alone_is_checked_by_the_same_rules() -> None:
    form = page(BILLING)
    assert not form.check_file("cuenta", SimpleUploadedFile("x.pdf", b"MZ"))
    assert form.box("cuenta").bound.errors == ["El archivo debe ser PDF"]  # type: ignore[union-attr]
    assert page(BILLING).check_file("cuenta", SimpleUploadedFile("x.pdf", PDF))
    with pytest.raises(KeyError):
        form.check_file("nombre", SimpleUploadedFile("x.pdf", PDF))


def test_a_group_begins_with_the_rows_it_needs() -> None:
    assert len(page(PARTNERSHIP).boxes[0].rows) == 1


def test_adding_a_row_keeps_what_was_typed_and_shows_no_error() -> None:
    form = page(
        PARTNERSHIP, {"socios-rows": ["a1"], "socios-a1-nombre": "Beto", "socios-a1-run": "1", "_change": "add:socios"}
    )
    rows = form.boxes[0].rows
    assert not form.is_valid()
    assert texts(form) == []
    assert rows[0].row_id == "a1"
    assert len(rows) == 2
    assert [row.focus for row in rows] == [False, True]
    assert form.cleaned_answers()["socios"][0] == {"id": "a1", "nombre": "Beto"}


def test_removing_a_row_keeps_the_ids_of_the_others() -> None:
    sent = {
        "socios-rows": ["a1", "b2"],
        "socios-a1-nombre": "Beto",
        "socios-a1-run": "11111111-1",
        "socios-b2-nombre": "Carla",
        "socios-b2-run": "12345678-5",
        "_change": "remove:socios:a1",
    }
    assert page(PARTNERSHIP, sent).cleaned_answers() == {
        "socios": [{"id": "b2", "nombre": "Carla", "run": "12345678-5"}]
    }


def test_rows_past_the_limit_forged_ids_and_repeats_are_left_out() -> None:
    sent = {"socios-rows": ["a1", "a1", "../x", "B", "b2", "c3", "d4"]}
    assert [row.row_id for row in page(PARTNERSHIP, sent).boxes[0].rows] == ["a1", "b2", "c3"]


def test_a_group_without_the_rows_it_needs_says_how_many() -> None:
    form = page(PARTNERSHIP, {"_visto": ["socios"]})
    assert not form.is_valid()
    assert texts(form) == ["Agrega al menos 1 en «Socios»"]


def test_errors_of_a_row_lead_to_the_control_of_that_row() -> None:
    form = page(PARTNERSHIP, {"socios-rows": ["a1"], "socios-a1-nombre": "Beto", "socios-a1-run": "12345678-9"})
    assert not form.is_valid()
    assert [problem.target for problem in form.problems] == ["q-socios-a1-run"]


def test_saving_while_writing_redraws_only_what_opened_or_closed() -> None:
    opened = page(REPRESENTING, {"para_quien": "otro", "_visto": ["para_quien"]})
    closed = page(REPRESENTING, {"para_quien": "propio", "_visto": ["para_quien", "run_otro"]})
    assert [(box.name, box.visible) for box in opened.redrawn] == [("run_otro", True)]
    assert [(box.name, box.visible) for box in closed.redrawn] == [("run_otro", False)]


def test_the_summary_lists_only_what_was_asked_and_says_what_was_skipped() -> None:
    bundle = bundle_asking([{**NAME, "required": False}, ON_BEHALF, RUN_OF_OTHER])
    (section,) = summary(bundle, "inicio", {"inicio": {"para_quien": "propio"}})
    assert [(row.label, row.value) for row in section.rows] == [
        ("Nombre", "No informado"),
        ("¿Lo haces en nombre de otra persona?", "No, es para mí"),
    ]
