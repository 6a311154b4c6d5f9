"""Nobody is asked twice: what an earlier application said is offered, with its N°, and used with one click."""

from collections.abc import Callable

from django.test import Client

from tests.mistakes.test_filling import at, words
from tests.story import Story
from workflows import drafts, reuse

Visitor = Callable[[str], Client]


def test_an_earlier_answer_is_offered_with_its_number_and_used_with_one_click(story: Story, visitor: Visitor) -> None:
    """Check 23 of pages.md; without JavaScript."""
    case = story.file()
    told = case.data["inicio"]["direccion"]
    draft = drafts.begin(offering=story.offering("patente_comercial"), by=story.people["Ana"], now=story.now)
    ana, page = visitor("Ana"), at("page", draft.ref, 3)
    assert f"en tu solicitud N° {case.number} respondiste «{told}»" in words(ana.get(page))
    answer = ana.post(page, {"rol_sii": "55-6", "_change": "use:direccion"})
    assert (answer.status_code, answer["Location"]) == (302, f"{page}#box-direccion")
    draft.refresh_from_db()
    assert drafts.read(draft) | {"direccion": told, "rol_sii": "55-6"} == drafts.read(draft)
    assert "respondiste" not in words(ana.get(page))


def test_nobody_is_offered_what_another_person_answered(story: Story) -> None:
    story.file()
    draft = drafts.begin(offering=story.offering("patente_comercial"), by=story.people["Bruno"], now=story.now)
    assert reuse.earlier_answers(draft, drafts.bundle_for(draft).fields_of(draft.step_id)) == {}


def test_what_came_with_the_sign_in_is_said(story: Story, visitor: Visitor) -> None:
    draft = drafts.begin(offering=story.offering("patente_comercial"), by=story.people["Ana"], now=story.now)
    assert "Lo tomamos de tus datos de identidad" in words(visitor("Ana").get(at("page", draft.ref, 1)))
