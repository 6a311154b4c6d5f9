"""Bodies, fields, pictures and repeated questions that would exhaust the machine; addresses that others hold."""

import re
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from documents.api import new_code
from tests.story import PDF, Story
from workflows.models import Draft, DraftFile

Visitor = Callable[[str], Client]


def application(story: Story) -> Draft:
    return story.draft(story.offering("patente_comercial"))


def page_of(draft: Draft, page: int = 3) -> str:
    return reverse("workflows:page", args=[draft.ref, page])


def test_a_body_past_the_limit_is_refused_unread_in_words(db: None) -> None:
    size = str(settings.MAX_BODY + 1)
    response = Client().post(reverse("signatures:verify_file"), {}, CONTENT_LENGTH=size)
    assert response.status_code == 413
    assert "Los archivos pesan demasiado" in response.content.decode()


def test_two_megabytes_of_text_are_no_answer(story: Story, visitor: Visitor) -> None:
    draft = application(story)
    before = draft.answers
    response = visitor("Ana").post(page_of(draft), {"direccion": "x" * 3_000_000})
    assert response.status_code == 400
    draft.refresh_from_db()
    assert draft.answers == before


def test_ten_thousand_fields_are_no_form(story: Story, visitor: Visitor) -> None:
    response = visitor("Ana").post(page_of(application(story)), {f"f{n}": "1" for n in range(10_000)})
    assert response.status_code == 400
    assert "No pudimos entender lo que llegó" in response.content.decode()


def test_a_field_that_nobody_asked_for_changes_nothing(story: Story, visitor: Visitor) -> None:
    """Mass assignment: only the questions of the page are read."""
    draft = application(story)
    forged = {
        "direccion": "Calle 1",
        "person": "1",
        "agency": "2",
        "filed_at": "2026-01-01",
        "nombre": "Otra",
        "pk": "9",
    }
    visitor("Ana").post(page_of(draft), forged)
    after = Draft.objects.get(pk=draft.pk)
    assert (after.person_id, after.agency_id, after.filed_at) == (draft.person_id, draft.agency_id, None)
    assert after.answers["nombre"] == draft.answers["nombre"]
    assert after.answers["direccion"] == "Calle 1"


def flood(width: int, height: int) -> bytes:
    """A small PNG that says it has so many pixels, all of them black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    line = b"\x00" * (1 + width // 8)
    packer = zlib.compressobj(9)
    rows = b"".join([*(packer.compress(line) for _row in range(height)), packer.flush()])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_picture_of_144_megapixels_is_kept_without_ever_being_unpacked(story: Story, visitor: Visitor) -> None:
    """The server opens no picture: it goes back as it came, in a sandbox."""
    bomb = flood(12_000, 12_000)
    assert len(bomb) < 50_000
    draft = application(story)
    chosen = SimpleUploadedFile("plano.png", bomb, content_type="image/png")
    ana = visitor("Ana")
    tracemalloc.start()
    response = ana.post(reverse("workflows:upload", args=[draft.ref, 5]), {"question": "otros", "file": chosen})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert response.status_code == 200
    assert peak < 15_000_000


PROGRAM = b"MZ\x90\x00" + b"\x00" * 60 + b"This program cannot be run in DOS mode.\r\r\n$"


@pytest.mark.parametrize(
    "content",
    [
        PROGRAM,
        PROGRAM + b"%PDF-1.7",
        b"<html><script>alert(1)</script>%PDF-1.7",
        b"PK\x03\x04%PDF-1.7",
        b"#!/bin/sh\n%PDF-",
    ],
    ids=["program", "program and PDF", "page and PDF", "zip and PDF", "script and PDF"],
)
def test_a_file_of_two_natures_is_not_taken(story: Story, visitor: Visitor, content: bytes) -> None:
    draft = application(story)
    before = DraftFile.objects.count()
    chosen = SimpleUploadedFile("titulo.pdf", content, content_type="application/pdf")
    response = visitor("Ana").post(
        reverse("workflows:upload", args=[draft.ref, 5]), {"question": "titulo_local", "file": chosen}
    )
    assert response.status_code == 422
    assert "El archivo debe ser PDF, JPG o PNG" in response.content.decode()
    assert DraftFile.objects.count() == before


def without_tokens(response: Any) -> str:
    page = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return re.sub(r'name="next" value="[^"]*"', "", page)


def test_anothers_address_and_an_invented_one_get_the_same_answer(story: Story, visitor: Visitor) -> None:
    draft, case = application(story), story.file()
    bruno = visitor("Bruno")
    for names, ref in ((("page", "review", "sign"), draft.ref), (("case",), case.ref)):
        for name in names:
            more = [1] if name == "page" else []
            pages = [
                bruno.get(reverse(f"workflows:{name}", args=[asked, *more])) for asked in (ref, new_code(), "no-existe")
            ]
            assert {page.status_code for page in pages} == {404}
            assert len({without_tokens(page) for page in pages}) == 1


def test_a_file_of_another_draft_cannot_be_named_in_an_answer(story: Story, visitor: Visitor) -> None:
    """A forged answer to a file question is not read: files come only through the upload."""
    victim = story.draft(story.offering("patente_comercial"), "Bruno")
    draft = application(story)
    stolen = victim.answers["titulo_local"]
    visitor("Ana").post(
        page_of(draft, 5), {"titulo_local": str(stolen), "titulo_local-draft_file": str(stolen["draft_file"])}
    )
    draft.refresh_from_db()
    assert draft.answers["titulo_local"]["draft_file"] != stolen["draft_file"]
    assert DraftFile.objects.filter(draft=draft, blob__sha256=stolen["sha256"]).exists() == (PDF != b"")


def test_applications_cannot_be_begun_without_end(
    story: Story, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.drafts.MOST_OPEN", 2)
    ana = visitor("Ana")
    begin = reverse("workflows:begin", args=["muni-ejemplo", "patente_comercial"])
    answers = [ana.post(begin, follow=True) for _time in range(3)]
    assert Draft.objects.count() == 2
    assert "Tienes demasiadas solicitudes sin enviar" in answers[-1].content.decode()
    assert visitor("Bruno").post(begin).status_code == 302
    assert Draft.objects.count() == 3


def test_files_cannot_be_sent_without_end(story: Story, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = application(story)
    stored = DraftFile.objects.filter(draft=draft).count()
    monkeypatch.setattr("workflows.uploads.MOST_FILES", stored + 1)
    ana = visitor("Ana")

    def send(address: str, **data: Any) -> Any:
        return ana.post(address, {**data, next(reversed(data), "otros"): SimpleUploadedFile("a.pdf", PDF)})

    upload = reverse("workflows:upload", args=[draft.ref, 5])
    assert send(upload, question="otros", file=None).status_code == 200
    assert send(upload, question="otros", file=None).status_code == 429
    refused = send(page_of(draft, 5), otros=None)
    assert refused.status_code == 429
    assert "ya recibió demasiados archivos" in refused.content.decode()
    assert DraftFile.objects.filter(draft=draft).count() == stored + 1
