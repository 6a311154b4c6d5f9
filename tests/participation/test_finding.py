"""Searching what people ask for: by what words mean, and on to the fichas that nobody supports yet."""

from __future__ import annotations

import pytest
from django.test import Client

from participation.operations import proposing
from participation.operations.subjects import stored
from participation.queries.finding import subject_for
from participation.queries.subjects import Wanted, kinds_offered, ordered_ids
from procedures.models import CatalogueEntry
from tests.story import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story.begin()


@pytest.mark.parametrize("query", ["CIERRES DE PASAJE", "ciérre pasajes", "el cierre de los pasajes"])
def test_accents_plurals_and_words_that_only_join_do_not_matter(query: str, story: Story) -> None:
    wanted = story.request("Cierre de pasajes")
    story.request("Hora para el retiro de ramas")
    assert list(ordered_ids(Wanted(query=query))) == [wanted.pk]


def test_words_that_say_nothing_find_nothing_and_none_finds_all(story: Story) -> None:
    story.request("Cierre de pasajes")
    assert not ordered_ids(Wanted(query="para el de la")).exists()
    assert ordered_ids(Wanted()).count() == 1


def test_a_text_that_its_author_changed_is_found_by_its_new_words_alone(story: Story) -> None:
    subject = story.request("Cierre de pasajes", "Bruno", publish=False)
    bruno = story.people["Bruno"]
    edited = proposing.edit(
        proposal=subject.proposal, title="Lomos de toro", text="Que bajen.", by=bruno, now=story.now
    )
    proposing.moderate(proposal=edited, publish=True, reason="", by=story.people["Inés"], now=story.now)
    assert list(ordered_ids(Wanted(query="lomo"))) == [subject.pk]
    assert not ordered_ids(Wanted(query="pasaje")).exists()


def test_a_search_offers_the_fichas_of_the_catalogue_until_somebody_supports_them(story: Story, client: Client) -> None:
    entry = CatalogueEntry.objects.order_by("pk")[0]
    wanted = subject_for(entry)
    page = {"q": entry.name}
    link = f'href="/participa/t/{wanted.code}/"'
    shown = client.get("/participa/", page).content.decode()
    assert "Trámites que nadie ha apoyado todavía" in shown
    assert link in shown
    story.support(stored(subject=wanted, now=story.now), "Ana", kinds_offered(wanted)[0])
    shown = client.get("/participa/", page).content.decode()
    assert shown.count(link) == 1, "in the list of requests, and not among those without support"


def test_a_search_of_nothing_says_what_to_do(story: Story, client: Client) -> None:
    shown = client.get("/participa/", {"q": "zapatos"}).content.decode()
    assert "Ninguna petición de esta lista dice eso. Prueba con otras palabras" in shown
    assert "Elige otros, o propón un trámite." in client.get("/participa/", {"estado": "en-linea"}).content.decode()
