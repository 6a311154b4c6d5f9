"""What a person may count on in any procedure, as docs/norms.csv names it, from their own page."""

import json

import pytest

from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows import drafts
from workflows.answers import answers_of
from workflows.commands import filing
from workflows.models import Case, Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story.begin()


def test_nothing_is_signed_without_declaring_that_copies_are_true_and_originals_kept_r50(
    story: Story, visitor: Visitor
) -> None:
    draft = story.draft(story.offering("patente_comercial"))
    shown = drafts.shown_hash(draft, drafts.complete_answers(draft))
    page = visitor("Ana").post(at("sign", draft.ref), {"shown": shown})
    assert page.status_code == 422
    assert "Marca la declaración para poder firmar" in text_of(page)
    assert "copia fiel de los originales, que guardaré" in text_of(page)
    assert not Case.objects.exists()


def test_a_question_left_blank_is_shown_and_signed_with_what_that_means(story: Story) -> None:
    """Ley 19.880, art. 30; DS 4, art. 18: who names no medium signs by which one they will be notified."""
    draft = story.draft(story.offering("patente_comercial"), por_empresa=False)
    with_medium = drafts.shown_hash(draft, drafts.complete_answers(draft))
    drafts.save(draft=draft, changed={}, removed={"correo"}, now=story.now)
    draft.refresh_from_db()
    shown = drafts.shown(draft, drafts.complete_answers(draft))
    assert drafts.shown_hash(draft, drafts.complete_answers(draft)) != with_medium
    said = {question["id"]: question["answer"] for question in shown["questions"]}
    assert said["correo"] == "Domicilio digital único (Casilla Única)"
    assert said["telefono"] == "No informado"
    assert "poder" not in said, "what is not asked is not signed"
    filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)
    filed = json.loads(bytes(Submission.objects.get().presentation))["questions"]
    kept = {question["id"]: question["answer"] for question in filed}
    assert (kept["correo"], kept["telefono"]) == (said["correo"], said["telefono"])
    assert kept["direccion"] != said["direccion"], "an answer stands as a commitment, a blank in words"


def test_who_does_not_let_other_bodies_send_sensitive_data_files_all_the_same_r5(story: Story) -> None:
    case = story.file(autoriza_sensibles=False)
    assert answers_of(case, "inicio")["autoriza_sensibles"] is False
    assert story.task(case, "admision").status == "NEW"


def test_the_person_sees_the_state_what_happened_and_the_official_who_answers_for_it_r42(
    story: Story, visitor: Visitor
) -> None:
    case = story.file()
    page = at("case", case.ref)
    assert "sin asignar todavía" in text_of(visitor("Ana").get(page))
    task = story.claim(case, "admision")
    task.refresh_from_db()
    assert task.owner is not None
    said = text_of(visitor("Ana").get(page))
    assert str(task.owner.person) in said
    assert str(task.unit) in said
    assert case.number in said


def test_one_applicant_finds_nothing_of_the_case_of_another_r41(story: Story, visitor: Visitor) -> None:
    case = story.file()
    paper = case.file.documents.filter(item__isnull=False).earliest("pk")
    stranger = visitor("Carla")
    assert stranger.get(at("case", case.ref)).status_code == 404
    assert stranger.get(at("document", case.ref, paper.pk)).status_code == 404
