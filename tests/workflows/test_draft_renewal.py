"""A draft begun on an older version returns with what changed, and keeps every answer typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.api import keep_declared_person, keep_foreign_person
from accounts.models import Person
from procedures.api import Pilot, end_pilot, offered_to_people, publish_data
from procedures.models import Offering, RoleBinding
from tests.procedures.bundles import certificate_data
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import flow, offer, report
from workflows import drafts
from workflows.commands import filing
from workflows.errors import DraftOutdated
from workflows.models import Attendance, Draft
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


def stranger(number: int) -> Person:
    """Somebody from abroad."""
    names = {"given_names": f"Persona {number}", "family_names": "Extranjera"}
    return keep_foreign_person(kind="passport", country="AR", number=f"AR{number}", **names)


def piloted(story: Story, following: str, **who: Any) -> Offering:
    """The procedure with another question, in a pilot."""
    data = flow(report("revisar", following="sello"))
    data["title"] = following
    bound = {slot["id"]: binding.role for slot in data["roles"] for binding in _bindings(story, slot["id"])}
    return publish_data(data=data, agency=story.agency, by=None, now=story.now, role_bindings=bound, pilot=Pilot(**who))


def _bindings(story: Story, slot: str) -> list[RoleBinding]:
    return list(RoleBinding.objects.filter(slot=slot, offering__version__procedure__code="prueba")[:1])


def test_a_draft_is_renewed_into_the_version_that_its_person_is_offered_everywhere_else(story: Story) -> None:
    """Whoever a pilot invites meets it in the ficha, when beginning, and when an older draft is brought up to date."""
    draft = begun(story)
    pilot = piloted(story, "En piloto", share=50)
    changed(story)
    draft.refresh_from_db()
    today = story.now.date()
    pilots, others = set[int](), set[int]()
    for number in range(40):
        draft.person = stranger(number)
        whom = {"person_id": draft.person_id}
        met = offered_to_people("muni-ejemplo", "prueba", today, **whom)
        target = renewal.newer(draft, today)
        assert target is not None
        assert target == met
        (pilots if target == pilot else others).add(draft.person_id)
    assert pilots
    assert others


def test_a_draft_of_the_counter_is_renewed_into_what_that_office_tries_first(story: Story) -> None:
    draft = begun(story)
    post = story.people["Beto"].memberships.get()
    pilot = piloted(story, "En piloto", unit=post.role.unit)
    changed(story)
    draft.refresh_from_db()
    assert (renewal.newer(draft, story.now.date()) or pilot).pk != pilot.pk
    draft.attendance = Attendance(person=draft.person, membership=post)
    assert renewal.newer(draft, story.now.date()) == pilot


def test_whoever_did_not_say_who_they_are_with_a_key_is_never_in_a_pilot(story: Story) -> None:
    """Each such application makes its own person: a share of them would be drawn anew at every attempt."""
    draft = begun(story)
    pilot = piloted(story, "En piloto", share=50)
    changed(story)
    draft.refresh_from_db()
    for number in range(20):
        draft.person = keep_declared_person(key=f"clave{number}")
        assert (renewal.newer(draft, story.now.date()) or pilot).pk != pilot.pk


def test_what_was_begun_in_a_pilot_that_ended_goes_on_with_it(story: Story) -> None:
    begun(story)
    pilot = piloted(story, "En piloto", share=50)
    draft = story.draft(pilot)
    end_pilot(offering=pilot, by=None, now=story.now)
    story.now += timedelta(days=2)
    draft.refresh_from_db()
    assert draft.offering.effective_to is not None
    assert renewal.newer(draft, story.now.date()) is None
    case = filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)
    assert case.version == pilot.version


def test_a_draft_whose_version_is_offered_reads_nothing_more(story: Story, django_assert_num_queries: Any) -> None:
    draft = Draft.objects.select_related("offering").get(pk=begun(story).pk)
    with django_assert_num_queries(0):
        assert renewal.newer(draft, story.now.date()) is None


def test_several_drafts_of_one_procedure_are_told_apart(story: Story, visitor: Visitor) -> None:
    first = story.draft(story.offering("patente_comercial"))
    title = first.version.title
    assert "borrador 1" not in text_of(visitor("Ana").get(at("my_cases")))
    story.draft(story.offering("patente_comercial"))
    page = text_of(visitor("Ana").get(at("my_cases")))
    assert all(f"Seguir: {title} (borrador {number})" in page for number in (1, 2))


def test_what_was_half_typed_is_sealed_once_its_question_is_sensitive(story: Story) -> None:
    """Ley 21.719 art. 16: as the answers themselves; and it can still be read by who typed it."""
    age = {"id": "edad", "type": "integer", "label": "Edad", "personal": {"purpose": "Saber", "basis": "Ley N° 1"}}
    draft = story.draft(story.offering(published(story, PLACE, age)), lugar="Plaza", edad=4)
    half = {"edad": "34 y VIH", "lugar": "Pla"}
    drafts.save(draft=draft, changed={}, removed={"edad"}, now=story.now, typed=half)
    for sensitive in (True, False):
        story.now += timedelta(days=2)
        published(story, PLACE, {**age, "sensitive": sensitive})
        renewed = renewal.renew(draft=Draft.objects.get(pk=draft.pk), now=story.now)
        renewed.refresh_from_db()
        assert ("VIH" in str(renewed.typed)) is not sensitive
        assert drafts.half_typed(renewed) == half
