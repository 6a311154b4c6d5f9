"""Uploaded files, looked into by a limited child before anything else reads them."""

import struct
import zlib
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image

from documents.api import UploadRefused, inspect_upload
from documents.rendering.client import render
from tests.documents.makers import complete

SLOPPY = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def photo(size: tuple[int, int], form: str = "JPEG", **options: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, form, **options)
    return out.getvalue()


def size_of(data: bytes) -> tuple[int, int]:
    return Image.open(BytesIO(data)).size


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (photo((800, 600)), "image/jpeg"),
        (photo((800, 600), "PNG"), "image/png"),
        (SLOPPY, "application/pdf"),
    ],
)
def test_what_is_fine_stays_byte_for_byte(data: bytes, media_type: str) -> None:
    seen = inspect_upload(data)
    assert (seen.data, seen.media_type, seen.was_changed) == (data, media_type, False)


def test_a_phones_heic_photo_becomes_a_jpeg_without_asking() -> None:
    out = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (640, 480), (10, 120, 10))).save(out)
    seen = inspect_upload(out.getvalue())
    assert (seen.media_type, size_of(seen.data)) == ("image/jpeg", (640, 480))


def test_a_huge_photo_is_reduced_and_loses_the_place_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Cámara de Ana"
    exif.get_ifd(0x8825)[1] = "S"
    seen = inspect_upload(photo((12_000, 9_000), exif=exif))
    assert size_of(seen.data) == (5_000, 3_750)
    assert not Image.open(BytesIO(seen.data)).getexif()


def test_a_photo_taken_sideways_is_turned_upright_when_it_is_reduced() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert size_of(inspect_upload(photo((8_000, 4_000), exif=exif)).data) == (2_500, 5_000)


def png_of(width: int, height: int, body: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf_with(inside: bytes) -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(a) 3 0 R]>>>>>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        b"<</Type/Filespec/F(a)/EF<</F 4 0 R>>>>",
        b"<</Type/EmbeddedFile/Length %d>>\nstream\n%b\nendstream" % (len(inside), inside),
    ]
    body, places = b"%PDF-1.7\n", []
    for number, item in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 5\n0000000000 65535 f \n%btrailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return body + end % (table, len(body))


def packed_pdf() -> bytes:
    form = b"<</Type/Catalog/AcroForm<<>>/Names 3 0 R>>"
    packed = zlib.compress(zlib.compress(b"\x00" * 400_000_000))
    return (
        b"%PDF-1.7\n1 0 obj\n"
        + form
        + b"\nendobj\n3 0 obj\n<</Length %d>>\nstream\n%b\nendstream"
        % (
            len(packed),
            packed,
        )
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png_of(60_000, 60_000, zlib.compress(b"\x00" * 1_000_000)), "demasiados píxeles"),
        (photo((800, 600))[:500], "dañada o incompleta"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"PK\x03\x04" + b"x" * 100, "no es de un tipo"),
        (b"<html><script>alert(1)</script>", "no es de un tipo"),
        (pdf_with(b"PK\x03\x04" + b"x" * 100), "archivos comprimidos"),
        (pdf_with(b"MZ" + b"x" * 100), "archivos comprimidos"),
    ],
    ids=["pixel bomb", "cut photo", "broken HEIC", "archive", "web page", "archive in a PDF", "program in a PDF"],
)
def test_what_is_not_what_it_seems_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(UploadRefused, match=words):
        inspect_upload(data)


def test_a_pdf_that_carries_data_is_taken() -> None:
    assert inspect_upload(pdf_with(b'{"a": 1}')).media_type == "application/pdf"
    assert inspect_upload(render(complete()).data).was_changed is False


def test_after_a_bomb_the_next_file_is_served() -> None:
    inspect_upload(packed_pdf())
    assert inspect_upload(photo((10, 10))).media_type == "image/jpeg"
