"""What somebody who must correct reads: what to correct, and what happened with their answer (Ley 19.880 art. 31)."""

import pytest

from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.drafts import begin_answer
from workflows.models import Case
from workflows.queries import correction_to_answer

pytestmark = pytest.mark.django_db


def asked_pages(story: Story, visitor: Visitor, case: Case) -> list[str]:
    """What the person's page of the case says, and then the pages of the form that answers the correction."""
    waiting = correction_to_answer(case)
    assert waiting is not None
    draft = begin_answer(task=waiting.task, by=story.people["Ana"], now=story.now)
    ana = visitor("Ana")
    return [text_of(ana.get(at("case", case.ref))), *(text_of(ana.get(at("page", draft.ref, n))) for n in (1, 2))]


def test_a_general_text_says_what_to_correct_on_the_case_and_on_each_page_r10(story: Story, visitor: Visitor) -> None:
    case = story.file(rol_sii="1-1")
    story.do(case, "admision", resultado="observar", observaciones="Trae el contrato\nfirmado por el dueño.")
    for said in asked_pages(story, visitor, case):
        assert "Trae el contrato firmado por el dueño." in said


def test_what_the_notice_quotes_comes_once_and_before_each_observed_question_r10(
    story: Story, visitor: Visitor
) -> None:
    case = story.file(rol_sii="1-1")
    observed = {"nombre": "Falta tu segundo apellido.", "": "Trae el contrato."}
    story.do(case, "admision", observe=observed, resultado="observar", observaciones="Trae el contrato.")
    for said in asked_pages(story, visitor, case)[:2]:
        assert said.count("Trae el contrato.") == 1
        assert "Tu nombre completo : Falta tu segundo apellido." in said


def test_the_objections_to_an_organisation_are_read_where_they_are_corrected_r10(
    story: Story, visitor: Visitor
) -> None:
    case = story.file("organizacion_comunitaria")
    story.sign(case, "certificado")
    story.work()
    story.do(case, "examen", objeta=True, objeciones="Faltan tres firmas en el acta.")
    for said in asked_pages(story, visitor, case):
        assert "Faltan tres firmas en el acta." in said


def test_what_another_task_wrote_is_not_shown_to_the_person(story: Story, visitor: Visitor) -> None:
    """Only what the notice quotes: an official's grounds are told with the act."""
    case = story.file(rol_sii="1-1")
    story.do(case, "admision", resultado="observar", observaciones="Trae el contrato.")
    waiting = correction_to_answer(case)
    assert waiting is not None
    examination = case.submissions.get(step_id="admision")
    assert {value.field_id for value in examination.values.all()} >= {"resultado", "observaciones"}
    assert "Pedir corrección a la persona" not in text_of(visitor("Ana").get(at("case", case.ref)))
