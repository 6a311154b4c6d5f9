"""The rights of a person over their data, as a procedure that any institution can offer (Ley 19.628 art. 11; R69)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from documents.models import Document
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.refusals import write_and_sign
from tests.workflows.test_law_blocks import read
from workflows.commands import clocks
from workflows.models import Case, Deadline

pytestmark = pytest.mark.django_db
CODE = "derechos_datos_personales"
FRIDAY = datetime(2026, 12, 4, 14, 0, tzinfo=UTC)


@pytest.fixture
def story() -> Story:
    return Story.begin(FRIDAY)


def official(story: Story, case: Case) -> Person:
    """Who has the request in hand."""
    return story.people[story.holder(story.claim(case, "estudio"))]


def blocked(story: Story) -> Case:
    """A request of Ana's that asks that her data are not used meanwhile."""
    return story.file(CODE, bloquear=True, por_que_bloquear="Las cartas llegan a otra casa.")


def test_thirty_calendar_days_to_answer_extended_once_by_thirty_more_r69(story: Story, visitor: Visitor) -> None:
    """Friday 4 December and thirty days is a Sunday: the term goes on to Monday (Ley 19.880 art. 25)."""
    case = story.file(CODE, bloquear=False)
    term = Deadline.objects.get(case=case, kind=Deadline.Kind.TERM)
    assert (term.unit, term.due_on) == ("calendar_days", date(2027, 1, 4))
    by = official(story, case)
    longer: dict[str, Any] = {"case": case, "deadline_id": term.pk, "reason": "Son muchos sistemas.", "by": by}
    with pytest.raises(clocks.TooLong, match="30"):
        clocks.extend(amount=31, now=story.now, **longer)
    clocks.extend(amount=30, now=story.now, **longer)
    term.refresh_from_db()
    assert term.due_on == date(2027, 2, 3)
    with pytest.raises(clocks.TooLong):
        clocks.extend(amount=1, now=story.now, **longer)
    story.now += timedelta(days=70)
    page = read(story, visitor, "Ana", at("case", case.ref))
    assert "Ley N° 19.628, artículo 11, que permite reclamar ante la Agencia de Protección de Datos Personales" in page


def test_whether_data_are_blocked_is_answered_in_two_business_days_by_a_signed_act_r69(story: Story) -> None:
    """Tuesday 8 December is a holiday."""
    case = blocked(story)
    task = story.task(case, "bloqueo")
    assert task.due_on == date(2026, 12, 9)
    story.do(case, "bloqueo", resultado="bloquea", hecho="La dirección.", fundamento="Está en duda.")
    write_and_sign(story, case, "redaccion_bloqueo", "firma_bloqueo", times=1)
    act = Document.objects.get(file=case.file, definition_id="decreto_bloqueo")
    text = str(act.content["blocks"])
    assert "La dirección." in text
    assert "Agencia de Protección de Datos Personales" in text
    assert story.task(case, "estudio").status == "NEW"


def test_the_page_on_privacy_leads_to_whoever_receives_the_request_r69(story: Story, visitor: Visitor) -> None:
    page = Client().get("/privacidad/").content.decode()
    assert 'href="/?q=datos%20personales"' in page
    assert "Ejercer tus derechos sobre tus datos personales" in text_of(Client().get("/?q=datos%20personales"))
