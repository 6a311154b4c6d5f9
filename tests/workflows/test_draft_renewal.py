"""A draft begun on an older version returns with what changed, and keeps every answer typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tests.procedures.bundles import certificate_data
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import flow, offer, report
from workflows import drafts
from workflows.commands import filing
from workflows.errors import DraftOutdated
from workflows.models import Draft
from workflows.versions import renewal

pytestmark = pytest.mark.django_db
PLACE = {"id": "lugar", "type": "text", "label": "Lugar", "max_length": 80}
SECRET = {
    "id": "salud",
    "type": "text",
    "label": "Estado de salud",
    "max_length": 80,
    "sensitive": True,
    "personal": {"purpose": "Saber", "basis": "Ley N° 1"},
}
COLOUR = {
    "id": "color",
    "type": "choice",
    "label": "Color",
    "options": [{"id": "rojo", "label": "Rojo"}, {"id": "azul", "label": "Azul"}, {"id": "gris", "label": "Gris"}],
}


def published(story: Story, *fields: dict[str, Any], **more: Any) -> str:
    """The procedure with these questions added to its application."""
    data = flow(report("revisar", following="sello"), **more)
    pages = data["forms"][0]["pages"]
    before = certificate_data()["forms"][0]["pages"][-1]["fields"]
    pages[-1] = {**pages[-1], "fields": [*before, *fields]}
    return offer(story, data)


def begun(story: Story) -> Draft:
    """Ana's draft, complete, on the first version."""
    return story.draft(
        story.offering(published(story, PLACE, SECRET, COLOUR)), lugar="Plaza", salud="Asma", color="rojo"
    )


def changed(story: Story) -> None:
    """Days later the procedure asks otherwise: another question, one less, an option less."""
    story.now += timedelta(days=2)
    blue = {**COLOUR, "options": COLOUR["options"][1:]}
    published(
        story,
        {**PLACE, "label": "¿En qué lugar?"},
        blue,
        {**PLACE, "id": "razon", "label": "Razón", "required": True},
    )


def test_it_says_what_changed_and_loses_nothing(story: Story, visitor: Visitor) -> None:
    draft = begun(story)
    ana = visitor("Ana")
    assert ana.get(at("page", draft.ref, 1)).status_code == 200
    changed(story)
    with time_machine.travel(story.now, tick=False):
        ana = visitor("Ana")
        assert ana.get(at("page", draft.ref, 1))["Location"] == at("draft_changes", draft.ref)
        assert ana.get(at("review", draft.ref))["Location"] == at("draft_changes", draft.ref)
        page = text_of(ana.get(at("draft_changes", draft.ref)))
        assert "Se agregó la pregunta «Razón»" in page
        assert "Se quitó la pregunta «Estado de salud»" in page
        assert "Color Rojo" in page
        onward = ana.post(at("draft_changes", draft.ref))
        assert ana.get(onward["Location"]).status_code == 200
        draft.refresh_from_db()
        assert drafts.read(draft)["lugar"] == "Plaza"
        assert renewal.set_aside(draft) == [("Estado de salud", "Asma"), ("Color", "Rojo")]
        assert "Asma" not in str(draft.set_aside)
        assert "Asma" in text_of(ana.get(at("draft_changes", draft.ref)))
        story.fill(draft)
        case = filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)
    assert case.version.number == 2


def test_what_was_sent_from_the_old_page_is_kept(story: Story, visitor: Visitor) -> None:
    draft = begun(story)
    changed(story)
    with time_machine.travel(story.now, tick=False):
        visitor("Ana").post(at("page", draft.ref, 1), {"lugar": "Parque", "lugar-shown": "1"})
    draft.refresh_from_db()
    assert draft.version.number == 1


def test_nothing_is_filed_by_rules_that_no_longer_hold(story: Story) -> None:
    """R78: what is filed after the change follows the new rules."""
    draft = begun(story)
    changed(story)
    with pytest.raises(DraftOutdated):
        filing.start(draft=draft, by=story.people["Ana"], signature=None, now=story.now)


def test_starting_again_from_the_ficha_finds_the_old_draft(story: Story, visitor: Visitor) -> None:
    draft = begun(story)
    changed(story)
    with time_machine.travel(story.now, tick=False):
        assert visitor("Ana").get(at("begin", "muni-ejemplo", "prueba"))["Location"] == at("page", draft.ref, 1)


def test_a_draft_whose_version_is_offered_reads_nothing_more(story: Story, django_assert_num_queries: Any) -> None:
    draft = Draft.objects.select_related("offering").get(pk=begun(story).pk)
    with django_assert_num_queries(0):
        assert renewal.newer(draft, story.now.date()) is None
