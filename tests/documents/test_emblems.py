"""The picture of an agency stands on what it issues from then on; what was issued keeps the one that it had."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pikepdf
import pytest
from PIL import Image

from accounts.api import get_or_create_person, wear_emblem
from accounts.models import Agency, Person
from audit.models import Event
from documents.api import Letterhead, UploadRefused, emblem_png, keep_emblem
from documents.errors import RenderingFailed
from documents.rendering.client import render
from tests.documents.makers import complete

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 13, tzinfo=UTC)


@pytest.fixture
def agency() -> Agency:
    return Agency.objects.create(code="muni", name="Municipalidad de Ejemplo", commune="05101")


@pytest.fixture
def ines() -> Person:
    return get_or_create_person("40.800.900-6", "Inés", "Soto")


def picture(size: tuple[int, int] = (1200, 400), form: str = "PNG") -> bytes:
    """A blue shield on nothing."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.paste((16, 66, 76, 255), (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    (image if form == "PNG" else image.convert("RGB")).save(
        out, form, **({"comment": b"secreto"} if form == "JPEG" else {})
    )
    return out.getvalue()


def pictures_in(pdf: bytes) -> list[tuple[int, int]]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [(int(one.Width), int(one.Height)) for one in opened.pages[0].get_images().values()]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_is_kept_small_on_white_and_without_what_else_its_file_says(
    agency: Agency, ines: Person, form: str
) -> None:
    kept = keep_emblem(agency=agency, data=picture(form=form), by=ines, now=NOW)
    drawn = Image.open(io.BytesIO(bytes(kept.content)))
    assert (drawn.format, drawn.mode, drawn.size, drawn.info) == ("PNG", "RGB", (900, 300), {})
    assert form == "JPEG" or drawn.getpixel((899, 0)) == (255, 255, 255)
    assert Agency.objects.get().emblem == kept.sha256
    assert Event.objects.get().kind == "agency.emblem"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"%PDF-1.7\n%%EOF", "PNG o JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no es de un tipo"),
        (picture()[:400], "no pudimos leer|No pudimos leer"),
        (b"\x89PNG" + bytes(2 * 1024 * 1024), "2 MB"),
    ],
    ids=["pdf", "svg", "cut", "heavy"],
)
def test_what_is_no_picture_or_too_heavy_is_refused_in_words(
    agency: Agency, ines: Person, data: bytes, why: str
) -> None:
    with pytest.raises(UploadRefused, match=why):
        keep_emblem(agency=agency, data=data, by=ines, now=NOW)
    assert Agency.objects.get().emblem == ""


def test_a_document_carries_the_picture_that_its_letterhead_had_when_it_was_made(agency: Agency, ines: Person) -> None:
    first = keep_emblem(agency=agency, data=picture(), by=ines, now=NOW)
    issued = complete(letterhead=Letterhead(agency=agency.name, emblem=first.sha256))
    keep_emblem(agency=agency, data=picture((300, 300)), by=ines, now=NOW)
    wear_emblem(agency=agency, sha256="", by=ines, now=NOW)
    assert pictures_in(render(issued).data) == [(900, 300)]
    assert emblem_png(first.sha256) == bytes(first.content)


def test_a_picture_that_nobody_kept_stops_the_document_and_says_what_to_do() -> None:
    with pytest.raises(RenderingFailed, match="Súbela otra vez"):
        render(complete(letterhead=Letterhead(agency="Municipalidad", emblem="0" * 64)))
