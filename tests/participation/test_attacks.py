"""What a stranger, an author or a moderator might try against the requests, and what comes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client

from participation.errors import TextChanged
from participation.models import Exposure, Knew, Proposal, Residence, Review, Stage, Subject
from participation.operations import caring, counting, proposing, roadmap, supporting
from participation.operations.answering import facts_of
from participation.presenting.subject import marks_of
from participation.queries import open_data
from participation.queries.finding import subject_for
from participation.rules.words import links_in, one_line, seen
from participation.views import supporting as views
from procedures.models import CatalogueEntry, Online
from signatures.api import Limit
from tests.participation.crowd import crowd, support_by
from tests.story import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story.begin()


def signed_in(story: Story, name: str) -> Client:
    client = Client()
    client.force_login(story.user(name), backend="accounts.backends.VerifiedIdentityBackend")
    return client


def test_a_text_changed_while_it_was_read_is_not_published(story: Story) -> None:
    """The author waits for the moderator to open the page, and changes the text before the button is pressed."""
    subject = story.request("Cierre de pasajes", publish=False)
    read = Proposal.objects.get(subject=subject).text_digest
    bruno, ines = story.people["Bruno"], story.people["Inés"]
    proposing.edit(proposal=subject.proposal, title="Insulto", text="A alguien", by=bruno, now=story.now)
    with pytest.raises(TextChanged, match="Léelo de nuevo"):
        proposing.moderate(proposal=subject.proposal, publish=True, reason="", by=ines, now=story.now, seen=read)
    page = signed_in(story, "Inés").get("/participa/moderar/").content.decode()
    now_read = Proposal.objects.get(subject=subject).text_digest
    assert f'name="leido" value="{now_read}"' in page
    answer = {"decision": "publish", "leido": read}
    address = f"/participa/moderar/propuesta/{subject.proposal.pk}/"
    assert "cambió el texto" in signed_in(story, "Inés").post(address, answer, follow=True).content.decode()
    assert not Subject.objects.get(pk=subject.pk).listed


def test_a_decision_that_does_not_say_what_was_read_publishes_nothing(story: Story) -> None:
    subject = story.request("Cierre de pasajes", publish=False)
    signed_in(story, "Inés").post(f"/participa/moderar/propuesta/{subject.proposal.pk}/", {"decision": "publish"})
    assert not Subject.objects.get(pk=subject.pk).listed


def test_a_title_is_one_line_of_what_people_see(story: Story) -> None:
    """It stands in the subject of a mail, and characters that nobody sees could turn it around."""
    assert one_line("Permiso\r\nBcc: otra@persona \u202e oirartnoc\x00") == "Permiso Bcc: otra@persona oirartnoc"
    assert seen("Una línea\r\notra\u200b") == "Una línea\notra"
    client = signed_in(story, "Ana")
    posted = {"title": "Permiso\r\npara cerrar un pasaje", "text": "Hoy son tres visitas.", "body_name": "Una\nsola"}
    assert client.post("/participa/proponer/", posted).status_code == 302
    made = Subject.objects.get()
    assert (made.title, made.body_name) == ("Permiso para cerrar un pasaje", "Una sola")
    refused = client.post("/participa/proponer/", {**posted, "body_name": "Vende en www.ejemplo.cl"})
    assert refused.status_code == 422


@pytest.mark.parametrize("text", ["mira bit.ly/abc", "en t.me/grupo", "sitio.xyz", "yo@correo.cl", "http://x.y"])
def test_addresses_are_found_however_they_are_written(text: str) -> None:
    assert links_in(text)


@pytest.mark.parametrize("text", ["Son 3.5 horas, etc. Piden 2.000 firmas.", "Va a la of.central, art.8 y 10/12/2026"])
def test_ordinary_words_and_numbers_are_no_addresses(text: str) -> None:
    assert links_in(text) == []


def test_an_order_that_does_not_exist_is_shown_at_random_and_does_not_pass_for_visits(story: Story) -> None:
    story.request("Cierre de pasajes")
    Client().get("/participa/", {"orden": "pagina"})
    assert Exposure.objects.get().order == "azar"


def test_a_program_cannot_answer_for_a_crowd_whether_it_knew(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "KNOWING", Limit("participation.knew", 2, 60))
    entry = CatalogueEntry.objects.filter(online=Online.HERE).order_by("pk")[0]
    address = f"/participa/t/{subject_for(entry).code}/sabia/"
    with time_machine.travel(story.now, tick=False):
        for _press in range(3):
            answer = Client().post(address, {"sabia": "no"})
    assert "Hiciste esto muchas veces seguidas" in str(next(iter(get_messages(answer.wsgi_request))))
    assert Knew.objects.count() == 2


def test_a_stage_has_the_day_in_chile(story: Story) -> None:
    subject, night = story.request("Cierre de pasajes"), story.now.replace(hour=2)  # still the day before in Chile
    roadmap.set_stage(subject=subject, stage=Stage.STUDY, reason="Se estudia.", actor="system:test", now=night)
    marks = {mark.title: mark.when for mark in marks_of(Subject.objects.get(pk=subject.pk))}
    assert marks["En estudio"].startswith("03")


def test_a_declared_commune_is_shown_to_whoever_declared_it_and_taken_back(story: Story) -> None:
    subject = story.request("Cierre de pasajes")
    story.support(subject, "Ana")
    client, page = signed_in(story, "Ana"), f"/participa/t/{subject.code}/evidencia/"
    client.post(page, {"commune": "12202"})
    assert '<option value="12202" selected>' in client.get(page).content.decode()
    client.post(page, {"commune": ""})
    assert not Residence.objects.exists()


def test_no_export_page_or_case_tells_what_a_few_ask_for_or_how_many_are_set_aside(story: Story) -> None:
    """What is left when the larger groups are taken from the total tells as much as a group."""
    subject, people, now = story.request("Cierre de pasajes"), crowd(13), story.now
    support_by(subject, people[:12], now=now - timedelta(hours=2))
    support_by(subject, people[12:], now=now - timedelta(hours=2), kind="remove")
    counting.fold(now=now)
    [row] = open_data.supports()
    assert row["por_tipo"] == {"otras": 13}
    assert "Que se elimine" not in facts_of(Subject.objects.select_related("count").get(pk=subject.pk), 1)["facts"]
    other = story.request("Hora para el retiro de ramas", "Ana")
    support_by(other, people[:3], now=now - timedelta(hours=2))
    chosen = caring.Selection(now - timedelta(hours=3), now, provider="demostracion")
    caring.open_review(selection=chosen, reason="Proveedor en duda", by=story.people["Inés"], now=now)
    assert Review.objects.get().size == 16
    told = {one["codigo"]: one["en_revision"] for one in open_data.supports()}
    assert told == {subject.code: 13, other.code: "1-4"}
    assert "menos de cinco en revisión" in Client().get(f"/participa/t/{other.code}/").content.decode()
    tally = Client().get("/participa/recuento/").content.decode()
    assert "varias peticiones: cerca de 15, en revisión" in tally  # 16 less the 13 of the other one would tell of 3


def test_the_public_tally_page_tells_no_door_of_a_few(story: Story) -> None:
    from participation.operations import figures

    subject, people = story.request("Cierre de pasajes"), crowd(14)
    support_by(subject, people[:8], now=story.now)
    for door, some in (("counter", people[8:13]), ("phone", people[13:])):
        given = supporting.Given(provider="demostracion", door=door)
        for person in some:
            supporting.support(subject=subject, kind="digitise", by=person, given=given, now=story.now)
    figures.fold_figures(now=story.now)
    page = Client().get("/participa/recuento/").content.decode()
    assert "En línea: 8" in page
    assert (
        "Mesón, teléfono, en un solo grupo porque alguno es de menos de cinco: 6" in page
    )  # with «Mesón: 5» the sum would tell of the one by phone
    assert "Mesón: 5" not in page
    assert "Identidades de demostración: 14" in page


def test_a_fold_counts_what_came_while_single_requests_were_counted(story: Story) -> None:
    """A moderator's review counts one request between folds; that is not a fold of the others."""
    a, b, now = story.request("Cierre de pasajes"), story.request("Retiro de ramas", "Ana"), story.now
    counting.fold(now=now)
    support_by(a, crowd(3), now=now + timedelta(minutes=1))
    counting.recount(subject_ids=[b.pk], now=now + timedelta(hours=1))
    counting.fold(now=now + timedelta(hours=1, seconds=20))
    assert Subject.objects.select_related("count").get(pk=a.pk).count.total == 3
