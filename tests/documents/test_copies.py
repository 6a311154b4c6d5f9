"""Marked copies of identity papers: whoever reviews reads them, and nobody can pass them off as the original."""

from io import BytesIO

import pikepdf
import pytest
from PIL import Image, ImageChops

from accounts.models import Agency
from documents.api import FilesUnavailable, attach_upload, mark_of, marked_copy, store_blob
from documents.models import Document
from documents.rendering.client import render
from tests.documents.makers import NOW, complete, new_file

pytestmark = pytest.mark.django_db
WORDS = "Copia para Patente comercial, 04/03/2026"


def handed_over(agency: Agency, data: bytes, media_type: str) -> Document:
    blob = store_blob(data=data, media_type=media_type, now=NOW)
    return attach_upload(file=new_file(agency), blob=blob, title="Cédula", now=NOW, copy_for=WORDS)


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (1200, 760), (235, 240, 230)).save(out, "JPEG")
    return out.getvalue()


def test_a_photo_gets_the_words_across_it(agency: Agency) -> None:
    copy, media_type = marked_copy(handed_over(agency, photo(), "image/jpeg"))
    drawn = Image.open(BytesIO(copy))
    assert (media_type, drawn.size) == ("image/jpeg", (1200, 760))
    assert ImageChops.difference(drawn, Image.open(BytesIO(photo()))).getbbox() is not None


def test_a_pdf_is_drawn_anew_with_its_words_and_nothing_of_the_original_beside_its_pages(agency: Agency) -> None:
    original = render(complete()).data
    copy, _media_type = marked_copy(handed_over(agency, original, "application/pdf"))
    with pikepdf.open(BytesIO(copy)) as pdf, pikepdf.open(BytesIO(original)) as before:
        assert len(pdf.pages) == len(before.pages)
        assert all(WORDS.encode("cp1252") in page.Contents.read_bytes() for page in pdf.pages)
        assert "/Names" not in pdf.Root


def test_without_a_copy_the_original_does_not_leave(agency: Agency) -> None:
    with pytest.raises(FilesUnavailable):
        marked_copy(handed_over(agency, b"%PDF-1.4 nothing inside", "application/pdf"))


def test_what_has_no_mark_goes_as_it_came(agency: Agency) -> None:
    blob = store_blob(data=photo(), media_type="image/jpeg", now=NOW)
    assert mark_of(attach_upload(file=new_file(agency), blob=blob, title="Plano", now=NOW)) == ""
