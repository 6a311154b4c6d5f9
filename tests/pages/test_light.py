"""Check 37 of pages.md: pages travel compressed, and a browser asks once for a style sheet that has not changed."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import FileResponse, HttpResponse
from django.templatetags.static import static
from django.test import Client, RequestFactory

from config import static_files
from config.middleware import Compressed

SHEET = "css/site.css"
PAGE = "<p>Trámites de la Municipalidad de Villa Aroma.</p>" * 40


def sent(answer: Any, accepts: str = "gzip, deflate, br") -> Any:
    """The answer as a browser gets it that accepts these encodings."""
    return Compressed(lambda _request: answer)(RequestFactory().get("/", headers={"accept-encoding": accepts}))


def test_a_page_travels_compressed_and_says_so() -> None:
    answer = sent(HttpResponse(PAGE, headers={"Vary": "Cookie"}))
    assert gzip.decompress(answer.content).decode() == PAGE
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["Vary"] == "Cookie, Accept-Encoding"
    assert len(answer.content) < len(PAGE) / 3


def test_the_length_of_a_page_does_not_tell_its_content() -> None:
    """Against BREACH: the same page, compressed twice and more, has several lengths."""
    assert len({len(sent(HttpResponse(PAGE)).content) for _time in range(30)}) > 5


def test_who_cannot_unpack_it_gets_it_as_it_is() -> None:
    answer = sent(HttpResponse(PAGE), accepts="identity")
    assert answer.content.decode() == PAGE
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "answer",
    [
        lambda: HttpResponse(b"%PDF" * 1000, content_type="application/pdf"),
        lambda: HttpResponse(PAGE[:190]),
        lambda: HttpResponse(PAGE, headers={"Content-Encoding": "br"}),
        lambda: HttpResponse(PAGE, status=206, content_type="text/css", headers={"Content-Range": "bytes 0-9/90"}),
        lambda: FileResponse(BytesIO(b"%PDF" * 1000), content_type="application/pdf"),
    ],
    ids=["a PDF", "something short", "something packed already", "a part", "a file of a case"],
)
def test_what_gains_nothing_or_would_break_is_left_alone(answer: Any) -> None:
    before = answer()
    assert sent(answer()).getvalue() == before.getvalue()
    assert sent(answer()).headers.get("Content-Encoding") == before.headers.get("Content-Encoding")


@pytest.fixture
def sheet() -> Iterator[Path]:
    """The style sheet's file, with nothing remembered of it."""
    static_files.version.cache_clear()
    yield Path(str(finders.find(SHEET)))
    static_files.version.cache_clear()


@pytest.mark.django_db
def test_a_file_whose_address_names_its_content_is_kept_for_ever(sheet: Path) -> None:
    address = static(SHEET)
    answer = Client().get(address, headers={"accept-encoding": "gzip"})
    body = answer.getvalue()
    assert re.fullmatch(r"/static/css/site\.css\?v=[0-9a-f]{10}", address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(body) == sheet.read_bytes()
    assert f'href="{address}"' in Client().get("/ayuda/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/static/css/site.css", "/static/css/site.css?v=0123456789"])
def test_a_file_asked_for_by_another_content_is_asked_for_again(sheet: Path, address: str) -> None:
    """While processes are replaced, one may be asked for the file that another has."""
    answer = Client().get(address)
    assert answer.getvalue() == sheet.read_bytes()
    assert answer.headers["Cache-Control"] == "max-age=60, public"


def test_another_content_has_another_address(sheet: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = static(SHEET)
    other = tmp_path / "site.css"
    other.write_bytes(sheet.read_bytes() + b"\n")
    static_files.version.cache_clear()
    monkeypatch.setattr(finders, "find", lambda _name: str(other))
    assert static(SHEET) != before


def test_a_name_without_a_file_is_still_an_address(sheet: Path) -> None:
    assert static("css/no-existe.css") == "/static/css/no-existe.css"


def test_where_files_change_while_the_process_runs_addresses_name_no_content(sheet: Path, settings: Any) -> None:
    settings.DEBUG = True
    assert static(SHEET) == "/static/css/site.css"
