"""What is half written when somebody leaves a page is there when they come back, on any telephone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from tests.story import Story
from tests.workflows.desk import Visitor
from tests.workflows.test_papers import asking
from workflows import drafts
from workflows.commands import filing
from workflows.models import Draft

pytestmark = pytest.mark.django_db
RUN = {"id": "run_socio", "type": "run", "label": "RUN de tu socio"}
HEALTH = {
    "id": "salud", "type": "textarea", "label": "Estado de salud", "max_length": 10, "sensitive": True,
    "personal": {"purpose": "Probar", "basis": "Ley 19.628"},
}  # fmt: skip
HALF = {"run_socio": "11.111.11", "salud": "Asma desde hace mucho"}


@pytest.fixture
def draft(story: Story) -> Draft:
    """A draft whose first page also asks for a RUN and for something sensitive."""
    return drafts.begin(offering=story.offering(asking(story, RUN, HEALTH)), by=story.people["Ana"], now=story.now)


def _leave(client: Any, draft: Draft, **typed: str) -> Any:
    return client.post(f"/s/{draft.ref}/p/1/", {**HALF, **typed, "salir": "1"})


def test_it_is_there_when_the_person_comes_back(draft: Draft, visitor: Visitor) -> None:
    assert _leave(visitor("Ana"), draft).status_code == 302
    draft.refresh_from_db()
    assert drafts.read(draft).keys().isdisjoint(HALF)
    shown = visitor("Ana").get(f"/s/{draft.ref}/p/1/").content.decode()
    assert 'value="11.111.11"' in shown
    assert "Asma desde hace mucho" in shown


def test_it_is_there_when_only_the_page_saved_it(draft: Draft, visitor: Visitor) -> None:
    ana = visitor("Ana")
    assert ana.post(f"/s/{draft.ref}/p/1/guardar/", HALF).status_code == 200
    assert 'value="11.111.11"' in ana.get(f"/s/{draft.ref}/p/1/").content.decode()


def test_what_is_sensitive_of_it_is_kept_sealed(draft: Draft, visitor: Visitor) -> None:
    _leave(visitor("Ana"), draft)
    draft.refresh_from_db()
    assert "sealed" in draft.typed["salud"]
    assert "Asma" not in str(draft.typed)


def test_the_answer_takes_its_place(draft: Draft, visitor: Visitor) -> None:
    _leave(visitor("Ana"), draft)
    _leave(visitor("Ana"), draft, run_socio="11.111.111-1", salud="Asma")
    draft.refresh_from_db()
    assert draft.typed == {}
    assert drafts.read(draft)["run_socio"] == "11111111-1"


def test_nothing_of_it_is_left_once_it_is_filed(story: Story, draft: Draft) -> None:
    """What was typed for a question that is no longer asked is not kept with the application."""
    Draft.objects.filter(pk=draft.pk).update(typed={"quitada": "a medias"})
    draft.refresh_from_db()
    story.fill(draft)
    filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)
    draft.refresh_from_db()
    assert draft.typed == {}


def test_a_reader_of_screens_is_not_told_at_each_pause_what_the_page_says_already(
    draft: Draft, visitor: Visitor
) -> None:
    told = visitor("Ana").post(f"/s/{draft.ref}/p/1/guardar/", HALF).content.decode()
    (said,) = re.findall('name="_dicho" value="([^"]+)"', told)
    assert said.startswith("Borrador guardado a las ")

    def answer(shown: str) -> str:
        sent = RequestFactory().post("/", {"_dicho": shown})
        return render_to_string("components/save_status.html", {"saved": said, "out_of_band": True}, sent)

    assert answer(said).strip() == ""
    assert said in answer("No se pudo guardar.")
