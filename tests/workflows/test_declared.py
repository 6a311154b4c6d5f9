"""Filing without signing in: the law lets a person say who they are, and asks no more (Ley 20.285 art. 12)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from documents.api import format_code
from notifications.models import Delivery, Notice
from signatures.api import Limit
from tests.story import Story
from tests.workflows.permissions import BACKEND
from workflows import declared
from workflows.models import Case, CaseParty, Channel, Draft

pytestmark = pytest.mark.django_db
OPEN = ("muni-ejemplo", "acceso_informacion")
WHO = {"nombre": "Rosa Fuentes Lara", "medio": "por_correo", "correo": "rosa@persona.example"}
BY_LETTER = {**WHO, "medio": "por_carta", "direccion_street": "Los Aromos", "direccion_number": "12"}
WHAT = {
    "peticion": "Las actas del concejo de 2025.",
    "contexto": "Las que tratan del camino.",
    "formato": "electronica",
    "autoriza_sensibles": "no",
}


def begun(browser: Client) -> str:
    """The ref of an application that this browser began."""
    answer = browser.post(reverse("workflows:declared_begin", args=OPEN))
    assert answer.status_code == 302
    return str(Draft.objects.latest("pk").ref)


def answered(browser: Client, who: dict[str, str] | None = None) -> str:
    """The same, with all its questions answered."""
    ref = begun(browser)
    for number, page in enumerate((who or WHO, WHAT), start=1):
        sent = browser.post(reverse("workflows:declared_page", args=[ref, number]), page)
        assert sent.status_code == 302, sent.content.decode()
    return ref


def send(browser: Client, ref: str) -> int:
    """Press the button of the review; the status of the answer."""
    address = reverse("workflows:declared_review", args=[ref])
    shown = browser.get(address).context["shown"]
    return browser.post(address, {"shown": shown}).status_code


@pytest.fixture
def rosa() -> Client:
    return Client()


def test_it_is_filed_by_whoever_says_who_they_are_and_followed_with_number_and_code(story: Story, rosa: Client) -> None:
    ficha = rosa.get(reverse("workflows:ficha", args=OPEN)).content.decode()
    assert "Empezar sin ClaveÚnica" in ficha
    ref = answered(rosa)
    assert send(rosa, ref) == 302
    case = Case.objects.get(ref=ref)
    assert case.channel == Channel.DECLARED
    assert str(case.parties.get()) == "Rosa Fuentes Lara"
    handing_over = reverse("workflows:declared_case", args=[ref]) + "documentos/"
    assert handing_over not in rosa.get(reverse("workflows:declared_case", args=[ref])).content.decode()
    story.work()
    page = rosa.get(reverse("workflows:declared_case", args=[ref])).content.decode()
    assert handing_over in page
    assert case.number in page
    assert format_code(ref) in page
    assert "Certificado de presentación" in page
    assert case.parties.get().email == "rosa@persona.example"
    assert Delivery.objects.filter(notice__case_ref=ref).exclude(address_sealed=None).exists()

    elsewhere = Client()
    assert elsewhere.get(reverse("workflows:declared_case", args=[ref])).status_code == 404
    found = elsewhere.post(reverse("workflows:look_up"), {"number": case.number, "ref": format_code(ref)})
    assert found.status_code == 302
    assert elsewhere.get(reverse("workflows:declared_case", args=[ref])).status_code == 200


def test_what_must_be_clarified_is_answered_with_number_and_code(story: Story, rosa: Client) -> None:
    ref = answered(rosa)
    send(rosa, ref)
    case = Case.objects.get(ref=ref)
    story.do(case, "examen", resultado="corregir", que_aclarar="¿De qué meses?")
    assert "Responder" in rosa.get(reverse("workflows:declared_case", args=[ref])).content.decode()
    rosa.post(reverse("workflows:declared_correct", args=[ref]))
    answer = Draft.objects.get(task__process=case)
    rosa.post(reverse("workflows:declared_page", args=[answer.ref, 2]), {**WHAT, "peticion": "Las de marzo."})
    assert send(rosa, answer.ref) == 302
    case.refresh_from_db()
    assert case.data["inicio"]["peticion"] == "Las de marzo."
    assert story.task(case, "examen")


def test_nobody_else_sees_it_and_it_shows_nothing_of_anybody_else(story: Story, rosa: Client) -> None:
    ref, other = answered(rosa), story.file(*OPEN[1:])
    for browser in (Client(), rosa):
        held = ref if browser is not rosa else other.ref
        for name, more in (("page", [1]), ("review", []), ("case", []), ("document", [1])):
            address = reverse(f"workflows:declared_{name}", args=[held, *more])
            assert browser.get(address).status_code == 404, address
    state = rosa.post(reverse("workflows:look_up"), {"number": other.number, "ref": other.ref})
    assert state.status_code == 200
    assert rosa.get(reverse("workflows:declared_case", args=[other.ref])).status_code == 404


def test_whoever_signs_in_afterwards_on_the_same_phone_finds_nothing_of_it(story: Story, rosa: Client) -> None:
    ref = answered(rosa)
    assert send(rosa, ref) == 302
    page = reverse("workflows:declared_case", args=[ref])
    assert "Salir y no dejar nada aquí" in rosa.get(page).content.decode()
    rosa.force_login(story.user("Bruno"), backend=BACKEND)
    assert rosa.get(page).status_code == 404
    number = Case.objects.get(ref=ref).number
    rosa.post(reverse("workflows:look_up"), {"number": number, "ref": ref})
    assert rosa.get(page).status_code == 200, "Bruno has both: he may look"
    rosa.post(reverse("accounts:sign_out"))
    assert rosa.get(page).status_code == 404


def test_on_a_computer_of_everybody_the_button_leaves_nothing(story: Story, rosa: Client) -> None:
    ref = begun(rosa)
    address = reverse("workflows:declared_page", args=[ref, 1])
    assert "Salir y no dejar nada aquí" in rosa.get(address).content.decode()
    rosa.post(reverse("accounts:sign_out"))
    assert rosa.get(address).status_code == 404


def test_a_letter_is_enough_and_then_no_e_mail_leaves(story: Story, rosa: Client) -> None:
    ref = answered(rosa, {**BY_LETTER, "direccion_commune": "16301", "correo": ""})
    assert send(rosa, ref) == 302
    party = CaseParty.objects.get(case__ref=ref)
    assert "Los Aromos" in party.postal_address
    assert party.email == ""
    assert Notice.objects.filter(case_ref=ref).exists()
    assert not Delivery.objects.filter(notice__case_ref=ref).exclude(address_sealed=None).exists()


def test_one_network_and_one_address_may_file_only_so_many(
    story: Story, rosa: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(declared, "ADDRESSED", Limit("case.declared.addressed", 1, 60))
    assert send(rosa, answered(rosa)) == 302
    ref = answered(rosa)
    assert send(rosa, ref) == 429
    assert Draft.objects.get(ref=ref).filed_at is None
    monkeypatch.setattr(declared, "BEGUN", Limit("case.declared.begun", 1, 60))
    people = Person.objects.count()
    rosa.post(reverse("workflows:declared_begin", args=OPEN))
    assert Person.objects.count() == people


def test_where_the_law_does_not_say_so_one_must_sign_in(story: Story, rosa: Client) -> None:
    closed = ("muni-ejemplo", "patente_comercial")
    assert rosa.post(reverse("workflows:declared_begin", args=closed)).status_code == 404
    assert "sin ClaveÚnica" not in rosa.get(reverse("workflows:ficha", args=closed)).content.decode()
