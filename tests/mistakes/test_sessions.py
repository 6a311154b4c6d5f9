"""Sessions that end in the middle, second clicks, the back button, two tabs, and the next person at the same phone."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.models import SigningIntent
from documents.models import Document
from tests.mistakes.conftest import BACKEND
from tests.mistakes.test_filling import at, file_named, words
from tests.story import PDF, Story
from workflows import drafts, interrupted
from workflows.commands import filing
from workflows.models import Case, Draft
from workflows.views.filling import filing_confirmed

Visitor = Callable[[str], Client]


@pytest.fixture
def draft(story: Story) -> Draft:
    """Ana's complete draft of a licence."""
    return story.draft(story.offering("patente_comercial"))


@pytest.fixture
def ana(visitor: Visitor) -> Client:
    """Ana's browser."""
    return visitor("Ana")


LOCAL = {"direccion": "Avenida Brasil 2045, local 3", "rol_sii": "55-6", "superficie": "no sé", "titulo": "arriendo"}
"""What Ana typed on the third page, one answer wrong."""


def way_back(response: Any) -> str:
    """Where the identity provider's return will lead."""
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:sign_in"))
    return str(parse_qs(urlsplit(response["Location"]).query)["next"][0])


def sign_in_again(client: Client, story: Story, name: str = "Ana") -> None:
    """As at the return from the provider: the visitor's session goes on under a new key."""
    client.force_login(story.user(name), backend=BACKEND)


class TestAnExpiredSession:
    def test_the_person_comes_back_to_the_same_page_and_finds_what_was_typed(
        self, story: Story, draft: Draft, ana: Client
    ) -> None:
        """Check 7: also without JavaScript, also what was not right yet."""
        ana.cookies.clear()
        address = way_back(ana.post(at("page", draft.ref, 3), LOCAL))
        assert address == at("page", draft.ref, 3)
        sign_in_again(ana, story)
        page = ana.get(address)
        assert "Tu sesión se había cerrado. Lo que escribiste está aquí" in words(page)
        assert 'value="Avenida Brasil 2045, local 3"' in page.content.decode()
        assert 'value="no sé"' in page.content.decode()
        assert drafts.read(Draft.objects.get(pk=draft.pk))["direccion"] == LOCAL["direccion"]

    def test_it_is_given_back_once(self, story: Story, draft: Draft, ana: Client) -> None:
        ana.cookies.clear()
        address = way_back(ana.post(at("page", draft.ref, 3), LOCAL))
        sign_in_again(ana, story)
        ana.get(address)
        assert "Tu sesión se había cerrado" not in words(ana.get(address))

    def test_what_waits_is_not_legible_in_the_session(self, draft: Draft, ana: Client) -> None:
        ana.cookies.clear()
        ana.post(at("page", draft.ref, 3), LOCAL)
        kept = [session.get_decoded() for session in Session.objects.all()]
        assert interrupted._KEPT in str(kept)
        assert "Brasil" not in json.dumps(kept)

    def test_somebody_else_who_signs_in_then_sees_nothing_of_it(self, story: Story, draft: Draft, ana: Client) -> None:
        ana.cookies.clear()
        address = way_back(ana.post(at("page", draft.ref, 3), LOCAL))
        sign_in_again(ana, story, "Bruno")
        page = ana.get(address)
        assert page.status_code == 404
        assert "Brasil" not in page.content.decode()
        assert drafts.read(Draft.objects.get(pk=draft.pk))["direccion"] != LOCAL["direccion"]

    def test_nothing_is_kept_for_an_address_that_nobody_is_filling_in(self, db: None) -> None:
        stranger = Client()
        stranger.post(at("page", "7K3MQ2XW9D4HB5TV", 1), {"nombre": "x"})
        assert not Session.objects.exists()

    def test_a_text_without_end_is_not_kept(self, draft: Draft) -> None:
        stranger = Client()
        stranger.post(at("page", draft.ref, 3), {"direccion": "x" * (interrupted.MOST + 1)})
        assert not Session.objects.exists()

    def test_the_script_is_told_and_not_sent_to_the_provider(self, draft: Draft, ana: Client) -> None:
        ana.cookies.clear()
        response = ana.post(at("autosave", draft.ref, 3), LOCAL)
        assert response.status_code == 401
        assert "Tu sesión se cerró" in words(response)

    def test_a_button_leads_back_to_the_page_with_the_button(self, story: Story, draft: Draft, ana: Client) -> None:
        """And not to an address that only takes POST."""
        ana.cookies.clear()
        sender = f"http://testserver{at('my_cases')}"
        address = way_back(ana.post(at("discard", draft.ref), headers={"referer": sender}))
        assert address == at("my_cases")
        sign_in_again(ana, story)
        page = ana.get(address)
        assert "no hicimos lo que pediste" in words(page)
        assert Draft.objects.filter(pk=draft.pk).exists()

    def test_a_button_of_another_site_leads_home(self, draft: Draft, ana: Client) -> None:
        ana.cookies.clear()
        response = ana.post(at("discard", draft.ref), headers={"referer": "https://malo.example/trampa"})
        assert way_back(response) == "/"

    def test_an_official_finds_the_text_of_a_step_again(self, story: Story, visitor: Visitor) -> None:
        case = story.file()
        task = story.claim(case, "admision", "Beto")
        beto = visitor("Beto")
        beto.cookies.clear()
        typed = {
            "resultado": "rechazar",
            "fundamento": "Porque el local no existe.",
            "_visto": ["resultado", "fundamento"],
        }
        address = way_back(beto.post(at("desk_step", case.ref, task.pk), typed))
        sign_in_again(beto, story, "Beto")
        assert "Porque el local no existe." in words(beto.get(address))
        colleague = visitor("Carla")
        assert "Porque el local no existe." not in words(colleague.get(address))

    def test_an_official_finds_the_text_of_an_act_again(self, story: Story, visitor: Visitor) -> None:
        case = story.file()
        story.do(case, "admision", resultado="rechazar")
        task = story.claim(case, "redaccion_rechazo_inicial")
        name = story.holder(task)
        official = visitor(name)
        official.cookies.clear()
        address = way_back(official.post(at("desk_step", case.ref, task.pk), {"bloque-0": "VISTOS, otra vez."}))
        sign_in_again(official, story, name)
        assert "VISTOS, otra vez." in words(official.get(address))


def ask_to_sign(client: Client, draft: Draft) -> Any:
    """Open the page of the signature, mark the declaration and press the button."""
    page = client.get(at("sign", draft.ref)).content.decode()
    shown = re.search(r'name="shown" value="(\w+)"', page)
    assert shown
    return client.post(at("sign", draft.ref), {"shown": shown[1], "declaro": "1"})


def come_back_from_the_provider(client: Client, story: Story, intent: SigningIntent) -> Any:
    """What the return from a fresh sign-in does, without the trip."""
    if intent.sign_in is None:
        story.sign_in_for(intent)
    request: Any = client.get(at("my_cases")).wsgi_request
    response = filing_confirmed(request, intent)
    request._messages.update(response)
    request.session.save()
    return response


class TestASecondClick:
    def test_on_continue_goes_on_twice_to_the_same_page(self, draft: Draft, ana: Client) -> None:
        typed = {"nombre": "Ana", "por_empresa": "no"}
        first, second = (ana.post(at("page", draft.ref, 1), typed) for _click in range(2))
        assert first["Location"] == second["Location"] == at("page", draft.ref, 2)

    def test_on_sign_files_one_case_and_both_ways_end_at_its_receipt(
        self, story: Story, draft: Draft, ana: Client
    ) -> None:
        """Check 11."""
        for _click in range(2):
            assert ask_to_sign(ana, draft).status_code == 302
        first, second = SigningIntent.objects.filter(subject=draft.ref).order_by("pk")
        answers = [come_back_from_the_provider(ana, story, intent) for intent in (first, second)]
        assert {answer["Location"] for answer in answers} == {at("case", draft.ref)}
        assert Case.objects.count() == 1

    def test_a_signature_already_used_is_told_so_and_the_way_on_is_the_receipt(
        self, story: Story, draft: Draft, ana: Client
    ) -> None:
        way = ask_to_sign(ana, draft)["Location"]
        come_back_from_the_provider(ana, story, SigningIntent.objects.get(subject=draft.ref))
        page = ana.get(way)
        assert page.status_code == 400
        assert "Esta firma ya se usó. Revisa si tu trámite quedó enviado" in words(page)
        assert f"?next={at('review', draft.ref)}" in page.content.decode()
        assert ana.get(at("review", draft.ref))["Location"] == at("case", draft.ref)
        assert Case.objects.count() == 1


class TestACorrection:
    def test_it_leads_through_what_was_observed_and_says_that_it_arrived(self, story: Story, ana: Client) -> None:
        case = story.file(rol_sii="1234")
        assert "Solicitud enviada" in words(ana.get(at("case", case.ref)))
        told = {"resultado": "observar", "observaciones": "Falta el rol."}
        story.do(case, "admision", observe={"rol_sii": "Escribe el rol completo."}, **told)
        first = ana.post(at("correct", case.ref))["Location"]
        draft = Draft.objects.get(task__process=case)
        assert first == at("page", draft.ref, 3)
        corrected = {**LOCAL, "superficie": "20", "comuna": "13101"}
        assert ana.post(first, corrected)["Location"] == at("review", draft.ref), "nothing else was observed"
        ask_to_sign(ana, draft)
        answer = come_back_from_the_provider(ana, story, SigningIntent.objects.get(subject=draft.ref))
        page = words(ana.get(answer["Location"]))
        assert "Recibimos tu corrección" in page
        assert "Solicitud enviada" not in page

    def test_a_remark_on_all_of_it_leads_through_every_page(self, story: Story, ana: Client) -> None:
        case = story.file()
        story.do(case, "admision", resultado="observar", observaciones="Revisa todo.", observe={"": "Revisa todo."})
        ana.post(at("correct", case.ref))
        draft = Draft.objects.get(task__process=case)
        corrected = {**LOCAL, "superficie": "20", "comuna": "13101"}
        assert ana.post(at("page", draft.ref, 3), corrected)["Location"] == at("page", draft.ref, 4)


class TestTheBackButtonAfterFiling:
    @pytest.fixture
    def filed(self, story: Story, draft: Draft) -> Case:
        """The draft, filed."""
        return filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)

    @pytest.mark.parametrize("name", ["page", "review", "sign"])
    def test_every_page_of_the_path_leads_to_the_receipt(self, filed: Case, ana: Client, name: str) -> None:
        address = at(name, filed.ref, *([3] if name == "page" else []))
        for response in (ana.get(address, follow=True), ana.post(address, LOCAL, follow=True)):
            if response.status_code != 405:
                assert response.redirect_chain[-1][0] == at("case", filed.ref)
                assert filed.number in words(response)

    def test_sending_an_old_page_changes_nothing(self, filed: Case, ana: Client) -> None:
        before = Draft.objects.get(ref=filed.ref).answers
        attachments = Document.objects.filter(file=filed.file, kind="attachment").count()
        ana.post(at("page", filed.ref, 3), LOCAL)
        saved = ana.post(at("autosave", filed.ref, 3), LOCAL)
        assert saved["HX-Redirect"] == at("case", filed.ref)
        chosen = {"question": "otros", "file": file_named("otro.pdf", PDF)}
        assert ana.post(at("upload", filed.ref, 5), chosen).status_code == 409
        ana.post(at("discard", filed.ref))
        assert Draft.objects.get(ref=filed.ref).answers == before
        assert Document.objects.filter(file=filed.file, kind="attachment").count() == attachments


class TestTwoTabs:
    def test_the_older_tab_cannot_sign_what_the_newer_one_changed(self, draft: Draft, ana: Client) -> None:
        page = ana.get(at("sign", draft.ref)).content.decode()
        old = re.search(r'name="shown" value="(\w+)"', page)
        assert old
        ana.post(at("page", draft.ref, 3), {**LOCAL, "superficie": "20", "comuna": "13101"})
        response = ana.post(at("sign", draft.ref), {"shown": old[1], "declaro": "1"})
        assert response.status_code == 422
        assert "Tus respuestas cambiaron en otra ventana. Léelas de nuevo antes de firmar." in words(response)
        assert "Avenida Brasil 2045" in words(response)
        assert not SigningIntent.objects.exists()

    def test_a_change_while_the_person_is_at_the_provider_is_not_signed(
        self, story: Story, draft: Draft, ana: Client
    ) -> None:
        ask_to_sign(ana, draft)
        story.fill(draft, direccion="Otra calle 9")
        intent = SigningIntent.objects.get(subject=draft.ref)
        answer = come_back_from_the_provider(ana, story, intent)
        assert answer["Location"] == at("review", draft.ref)
        page = words(ana.get(answer["Location"]))
        assert "Cambiaste esta solicitud en otra ventana" in page
        assert "Otra calle 9" in page
        assert not Case.objects.exists()


class TestAnotherPersonAtTheSamePhone:
    def test_nothing_of_the_former_is_reachable_nor_shown(self, story: Story, draft: Draft, ana: Client) -> None:
        case = story.file()
        ana.get(at("page", draft.ref, 3))
        ana.post(reverse("accounts:sign_out"))
        sign_in_again(ana, story, "Bruno")
        document = Document.objects.filter(file=case.file, kind="attachment").latest("pk")
        for address in (
            at("page", draft.ref, 3),
            at("review", draft.ref),
            at("sign", draft.ref),
            at("case", case.ref),
            at("document", case.ref, document.pk),
        ):
            assert ana.get(address).status_code == 404
        for address in (at("my_cases"), "/", reverse("notifications:inbox")):
            page = ana.get(address).content.decode()
            assert story.people["Ana"].family_names not in page
            assert case.number not in page

    def test_what_was_about_to_be_said_to_the_former_is_not_said_to_the_next(
        self, story: Story, draft: Draft, ana: Client
    ) -> None:
        """Messages live in the session, which ends with it, and not in a cookie."""
        ana.post(at("discard", draft.ref))
        ana.post(reverse("accounts:sign_out"))
        sign_in_again(ana, story, "Bruno")
        assert "Borramos el borrador." not in words(ana.get(at("my_cases")))
        assert "messages" not in ana.cookies

    def test_pages_that_the_former_saw_are_not_kept_by_the_browser(self, draft: Draft, ana: Client) -> None:
        for address in (
            at("page", draft.ref, 3),
            at("my_cases"),
            "/",
            at("ficha", "muni-ejemplo", "patente_comercial"),
        ):
            assert "no-store" in ana.get(address)["Cache-Control"]

    def test_the_former_person_of_another_tab_cannot_send_into_the_new_session(
        self, story: Story, draft: Draft, ana: Client
    ) -> None:
        sign_in_again(ana, story, "Bruno")
        before = draft.answers
        assert ana.post(at("page", draft.ref, 3), LOCAL).status_code == 404
        assert ana.post(at("autosave", draft.ref, 3), LOCAL).status_code == 404
        assert Draft.objects.get(pk=draft.pk).answers == before
