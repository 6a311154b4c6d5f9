"""Whoever may publish puts the picture of the institution on what it issues, and sees it before."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.api import wear_emblem
from accounts.models import Agency, Grant
from tests.designer.conftest import Desk
from tests.documents.test_emblems import picture
from workflows.sample import seed_emblem

BACKEND = "accounts.backends.VerifiedIdentityBackend"
URL = "/diseno/emblema/"


@pytest.fixture
def browser(desk: Desk) -> Client:
    client = Client()
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    return client


def test_a_picture_is_sent_seen_on_what_will_be_issued_and_taken_away(desk: Desk, browser: Client) -> None:
    draft = desk.example()
    preview = reverse("designer:document", args=[draft.pk, draft.content["documents"][0]["id"]])
    assert "<img" not in browser.get(preview).content.decode()
    assert browser.post(URL, {"imagen": SimpleUploadedFile("e.png", picture())}).status_code == 302
    sha256 = Agency.objects.get(code="muni-ejemplo").emblem
    address = f"/emblemas/{sha256}/"
    assert f'src="{address}" alt="Emblema de {desk.agency.name}"' in browser.get(URL).content.decode()
    assert address in browser.get(preview).content.decode()
    assert Client().get(address)["Content-Type"] == "image/png"
    assert browser.post(URL, {"quitar": "1"}).status_code == 302
    assert "<img" not in browser.get(preview).content.decode()
    assert Client().get(address).status_code == 200, "documents of before name it"


def test_what_is_no_picture_is_refused_beside_its_control(browser: Client) -> None:
    answer = browser.post(URL, {"imagen": SimpleUploadedFile("e.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("El archivo no es de un tipo que se pueda recibir") == 2
    assert 'aria-invalid="true"' in page
    assert "Elige primero la imagen." in browser.post(URL, {}).content.decode()


def test_who_designs_but_may_not_publish_only_looks(desk: Desk, browser: Client) -> None:
    Grant.objects.filter(role__memberships__person=desk.by, capability="publish").delete()
    assert "Lo cambia quien puede publicar" in browser.get(URL).content.decode()
    assert browser.post(URL, {"quitar": "1"}).status_code == 403


def test_the_header_of_its_procedures_shows_the_picture_with_words_for_who_does_not_see_it(
    desk: Desk, browser: Client
) -> None:
    def header(path: str) -> str:
        page = Client().get(path).content.decode()
        return page[: page.index("<main")]

    offered = f"/tramites/{desk.agency.code}/patente_comercial/"
    assert "<img" not in header(offered)
    browser.post(URL, {"imagen": SimpleUploadedFile("e.png", picture())})
    agency = desk.agency
    assert f'src="/emblemas/{agency.emblem}/" alt="Emblema de {agency.name}"' in header(offered)
    assert f"Trámites de {agency.name}" in header(offered)
    assert "<img" not in header("/"), "the list of all procedures is of no institution"


def test_the_demonstration_gives_its_municipality_a_picture_once(desk: Desk) -> None:
    seed_emblem(now=desk.story.now)
    agency = desk.agency
    assert agency.emblem
    wear_emblem(agency=agency, sha256="", by=desk.by, now=desk.story.now)
    seed_emblem(now=desk.story.now)
    assert not desk.agency.emblem, "whoever took it away has none"
