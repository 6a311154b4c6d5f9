"""What people get wrong while they fill in: they are told what to do, and nothing they gave is lost."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import Settings

from tests.services.processes import free_port
from tests.story import PDF, Story
from workflows import drafts
from workflows.models import Draft

Visitor = Callable[[str], Client]
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"


def at(name: str, *arguments: Any) -> str:
    return reverse(f"workflows:{name}", args=arguments)


def words(response: Any) -> str:
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def file_named(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


@pytest.fixture
def draft(story: Story) -> Draft:
    """Ana's complete draft of a licence."""
    return story.draft(story.offering("patente_comercial"))


def send_file(client: Client, draft: Draft, name: str, content: bytes) -> Any:
    chosen = {"question": "titulo_local", "file": file_named(name, content)}
    return client.post(at("upload", draft.ref, 5), chosen)


def test_a_wrong_run_stays_as_typed_under_words_that_say_what_to_do(draft: Draft, visitor: Visitor) -> None:
    """Checks 4 and 21: status, title, summary with a link, the same words beside the field."""
    typed = {"rut": "12.345.678-9", "correo": "ana@correo.example", "telefono": "9 1234 5678"}
    response = visitor("Ana").post(at("page", draft.ref, 2), typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert "Hay un problema" in page
    assert 'value="12.345.678-9"' in page
    link = re.search(r'<a href="#q-rut">(.+?)</a>', page)
    assert link
    assert page.count(link[1]) == 2
    for blame in ("inválid", "incorrect", "requerid"):
        assert blame not in page.lower()


def test_what_was_right_on_a_page_with_a_mistake_is_kept(draft: Draft, visitor: Visitor) -> None:
    typed = {"rut": "12.345.678-9", "correo": "otra@correo.example", "telefono": ""}
    visitor("Ana").post(at("page", draft.ref, 2), typed)
    assert drafts.read(Draft.objects.get(pk=draft.pk))["correo"] == "otra@correo.example"


class TestFiles:
    """Check 36: each failure has its own words, and the file kept before stays."""

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("plano.pdf", PDF + b"0" * 30_000_000, "El archivo pesa más de 10 MB. Elige uno más liviano"),
            ("contrato.pdf", b"MZ\x90\x00programa", "El archivo debe ser PDF, JPG o PNG"),
            ("IMG_0042.HEIC", HEIC, "La foto está en formato HEIC."),
            ("IMG_0042.jpg", HEIC, "sube una captura de pantalla"),
            ("vacio.pdf", b"", "El archivo está vacío. Elige otro archivo"),
            ("clave.pdf", PDF + b"/Encrypt 5 0 R", "El PDF tiene contraseña. Sube una copia sin contraseña"),
        ],
        ids=["30 MB", "renamed program", "HEIC", "HEIC named JPG", "empty", "locked"],
    )
    def test_each_failure_has_its_own_words(
        self, draft: Draft, visitor: Visitor, name: str, content: bytes, said: str
    ) -> None:
        response = send_file(visitor("Ana"), draft, name, content)
        assert response.status_code == 422
        assert said in words(response)
        assert drafts.read(Draft.objects.get(pk=draft.pk))["titulo_local"]["name"] == "titulo_local.pdf"

    def test_without_script_the_page_says_the_same(self, draft: Draft, visitor: Visitor) -> None:
        response = visitor("Ana").post(at("page", draft.ref, 5), {"titulo_local": file_named("foto.heic", HEIC)})
        assert response.status_code == 422
        assert "Hay un problema" in words(response)
        assert "La foto está en formato HEIC." in words(response)

    def test_a_good_file_survives_a_mistake_elsewhere_on_its_page(self, draft: Draft, visitor: Visitor) -> None:
        """Check 7."""
        sent = {"titulo_local": file_named("escritura.pdf", PDF), "otros": file_named("foto.heic", HEIC)}
        response = visitor("Ana").post(at("page", draft.ref, 5), sent)
        assert response.status_code == 422
        assert "Archivo guardado: escritura.pdf" in words(response)

    def test_a_photo_of_a_phone_is_taken(self, draft: Draft, visitor: Visitor) -> None:
        photo = BytesIO()
        Image.effect_noise((1_600, 1_200), 90).save(photo, "JPEG", quality=95)
        response = send_file(visitor("Ana"), draft, "IMG_0042.JPG", photo.getvalue())
        assert response.status_code == 200
        assert "Archivo guardado: IMG_0042.JPG" in words(response)

    def test_where_files_are_kept_does_not_answer_and_nothing_typed_is_lost(
        self, draft: Draft, visitor: Visitor, settings: Settings
    ) -> None:
        settings.S3_BUCKET, settings.S3_ENDPOINT = "expedientes", f"http://127.0.0.1:{free_port()}"
        settings.S3_ACCESS_KEY = settings.S3_SECRET_KEY = "prueba"
        sent = {"titulo_local": file_named("escritura.pdf", PDF), "rol_sii": "123-45"}
        for response in (
            visitor("Ana").post(at("page", draft.ref, 5), sent),
            send_file(visitor("Ana"), draft, "escritura.pdf", PDF),
        ):
            assert response.status_code == 503
            assert "intenta de nuevo en unos minutos" in words(response)
