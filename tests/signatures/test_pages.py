"""The public verification pages."""

import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from documents.api import format_code, new_code, read_blob
from documents.models import Document, DocumentAccess
from legaltime.api import now as clock_now
from signatures import throttle, verification
from signatures.models import Attempt, SignatureRequest
from tests.signatures.attacks import ATTACKS


def text(response: object) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def code_of(document: Document) -> str:
    assert document.code
    return document.code


def pdf_of(document: Document) -> bytes:
    assert document.blob is not None
    return read_blob(document.blob)


def open_original(client: Client, document: Document, answer: str = "") -> HttpResponse:
    address = reverse("signatures:verified_pdf", args=[code_of(document)])
    response = client.post(address, {"run_final": answer}) if answer else client.get(address)
    assert isinstance(response, HttpResponse)
    return response


@pytest.fixture
def holder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The holder of every document has a RUN that ends in 111-1."""
    monkeypatch.setattr(verification._hooks, "holder_check", lambda document, answer: answer == "1111")


def test_a_code_in_any_spelling_leads_to_its_page(client: Client, signed_decree: Document) -> None:
    """R46."""
    typed = format_code(code_of(signed_decree)).lower().replace("-", " ")
    page = text(client.get(reverse("signatures:verify"), {"codigo": typed}, follow=True))
    assert "Documento auténtico" in page
    assert "Carla Muñoz, Alcaldesa" in page
    assert signed_decree.sha256 in page
    assert "DEMOSTRACIÓN, SIN VALOR LEGAL" in page


def test_the_address_of_the_qr_leads_to_the_same_page(client: Client, signed_decree: Document) -> None:
    assert signed_decree.content["verification"]["url"].endswith(f"/VERIFICAR/{signed_decree.code}")


def test_a_slip_is_explained_before_anything_is_asked(client: Client) -> None:
    response = client.get(reverse("signatures:verify"), {"codigo": "7K3M"})
    assert response.status_code == 422
    assert "tiene 4" in text(response)


def test_every_unknown_code_gets_one_and_the_same_answer(client: Client, signed_decree: Document) -> None:
    Document.objects.filter(pk=signed_decree.pk).update(state=Document.State.ISSUING)
    pages = []
    for code in (new_code(), code_of(signed_decree), "CUALQUIERCOSA", format_code(new_code())):
        response = client.get(reverse("signatures:verify_code", args=[code]))
        assert response.status_code == 404
        pages.append(text(response).replace(code, ""))
    assert len({re.sub(r'csrfmiddlewaretoken" value="\w+"', "", page) for page in pages}) == 1


def test_pages_are_neither_kept_nor_indexed(client: Client, signed_decree: Document) -> None:
    for address in (reverse("signatures:verify"), reverse("signatures:verify_code", args=[code_of(signed_decree)])):
        response = client.get(address)
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]


def test_a_public_document_opens_for_anybody_and_leaves_a_trace(client: Client, signed_decree: Document) -> None:
    Document.objects.filter(pk=signed_decree.pk).update(is_public=True)
    response = open_original(client, signed_decree)
    assert response.content == pdf_of(signed_decree)
    assert response["Content-Type"] == "application/pdf"
    assert DocumentAccess.objects.get().through == "verification"


def test_the_code_alone_does_not_open_what_is_not_public(client: Client, signed_decree: Document, holder: None) -> None:
    response = open_original(client, signed_decree)
    assert response.status_code == 403
    assert b"%PDF" not in response.content
    assert open_original(client, signed_decree, "9999").status_code == 422
    assert not DocumentAccess.objects.exists()


def test_the_holder_opens_it_with_the_end_of_the_run(client: Client, signed_decree: Document, holder: None) -> None:
    assert open_original(client, signed_decree, "1111").content == pdf_of(signed_decree)


def test_guessing_the_end_of_the_run_is_hopeless(client: Client, signed_decree: Document, holder: None) -> None:
    with time_machine.travel(clock_now(), tick=False):  # one hour's tries
        tries = [open_original(client, signed_decree, f"{n:04}").status_code for n in range(throttle.HOLDER.count + 1)]
        assert tries[-1] == 429
        assert open_original(client, signed_decree, "1111").status_code == 429


def test_where_nobody_answers_for_holders_the_page_does_not_ask(
    client: Client, signed_decree: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification._hooks, "holder_check", None)
    page = text(client.get(reverse("signatures:verify_code", args=[code_of(signed_decree)])))
    assert "run_final" not in page
    assert open_original(client, signed_decree, "1111").status_code == 422


def test_a_private_signer_stays_masked(client: Client, signed_decree: Document) -> None:
    SignatureRequest.objects.filter(order=1).update(signer_post="")
    page = text(client.get(reverse("signatures:verify_code", args=[code_of(signed_decree)])))
    assert "Carla" not in page
    assert "C*** M***" in page


def upload(client: Client, data: bytes, **headers: str) -> HttpResponse:
    file = SimpleUploadedFile("copia.pdf", data, content_type="application/pdf")
    response = client.post(reverse("signatures:verify_file"), {"archivo": file}, headers=headers or None)
    assert isinstance(response, HttpResponse)
    return response


def test_a_file_gets_its_verdict_in_words(client: Client, signed_decree: Document) -> None:
    pdf = pdf_of(signed_decree)
    assert "Auténtico e íntegro" in text(upload(client, pdf))
    assert "esta copia tiene añadidos" in text(upload(client, pdf + b"\n%"))
    assert "Alterado" in text(upload(client, pdf.replace(b"/MediaBox", b"/MediaBux", 1)))
    assert "No se pudo analizar" in text(upload(client, b"hola"))


def test_machines_get_the_same_as_json(client: Client, signed_decree: Document) -> None:
    answer = upload(client, pdf_of(signed_decree), accept="application/json")
    assert answer["Content-Type"] == "application/json"
    assert '"verdict": "authentic"' in text(answer)


def test_a_missing_or_huge_file_is_refused_with_a_reason(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = client.post(reverse("signatures:verify_file"))
    assert response.status_code == 422
    assert "Elige el archivo" in text(response)
    monkeypatch.setattr("signatures.forms.MAX_FILE", 10)
    assert "más de 20 MB" in text(upload(client, b"x" * 11))


def test_a_network_that_asks_too_often_waits(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "CODES", throttle.Limit("verification.code", 60, 10))
    address = reverse("signatures:verify_code", args=[new_code()])
    with time_machine.travel(clock_now(), tick=False):  # all within one stretch of ten minutes
        answers = [client.get(address, REMOTE_ADDR="203.0.113.9").status_code for _ in range(61)]
        assert set(answers[:60]) == {404}
        assert answers[60] == 429
        assert client.get(address, REMOTE_ADDR="203.0.113.77").status_code == 429
        assert client.get(address, REMOTE_ADDR="198.51.100.1").status_code == 404
    assert not Attempt.objects.filter(source__contains="203.0.113").exists()


def test_an_altered_file_shows_apart_what_the_original_and_what_the_file_carry(
    client: Client, signed_decree: Document
) -> None:
    page = text(upload(client, ATTACKS["a stranger signs with a stamp over the page"](pdf_of(signed_decree))))
    original, _, found = page.partition("Firmas en el archivo que subiste")
    assert "Carla Muñoz, Alcaldesa" in original
    assert "D*** I***" in found
    assert "La firma no se sostiene" in found
