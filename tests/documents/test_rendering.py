"""From content to PDF: what it says, what it is, that it is always the same, and that nothing hostile gets through."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from documents.api import (
    Attachment,
    ContentTooLarge,
    Paragraph,
    RenderingFailed,
    RenderingStopped,
    Row,
    Table,
    render,
)
from documents.limits import LimitedChild
from documents.rendering import client, text
from documents.rendering.html import to_html
from jobs.api import Blocked
from tests.documents.makers import complete, decree
from tests.jobs import databases

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """A decree with an attachment, rendered once."""
    data = Attachment(name="respuestas.json", description="Respuestas", text='{"giro":"Panadería"}')
    return render(complete(attachments=(data,), demonstration=True)).data


def words(pdf: bytes) -> str:
    """The text of a PDF as poppler reads it."""
    result = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s+", " ", result.stdout.decode())


def test_it_says_what_the_content_says(pdf: bytes) -> None:
    said = words(pdf)
    for part in (
        "Municipalidad de Ejemplo",
        "Decreto N° 127",
        "Chillán, 4 de marzo de 2026",
        "Panadería Ñandú",
        "Carla Muñoz Alcaldesa",
        "7K3M-Q2XW-9D4H-B5TV",
        "Página 1 de 1",
        "DEMOSTRACIÓN, SIN VALOR LEGAL",
        "Sin sello de tiempo",
    ):
        assert part in said


def test_it_declares_itself_pdf_a_3a_and_pdf_ua_1(pdf: bytes) -> None:
    with pikepdf.open(BytesIO(pdf)) as document:
        xmp = document.Root.Metadata.read_bytes().decode()
        assert document.Root.Lang == "es-CL"
        assert document.Root.MarkInfo.Marked
        assert document.Root.ViewerPreferences.DisplayDocTitle
    assert 'pdfaid:part="3"' in xmp
    assert 'pdfaid:conformance="A"' in xmp
    assert 'pdfuaid:part="1"' in xmp
    assert "PDF/UA identification schema" in xmp


def test_all_fonts_are_embedded(pdf: bytes) -> None:
    lines = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True).stdout.decode().splitlines()
    fonts = [line.split() for line in lines[2:]]
    assert fonts
    assert all("Noto-Sans" in font[0] and font[-5] == "yes" for font in fonts)


def test_the_data_for_machines_go_inside_with_their_relationship(pdf: bytes) -> None:
    with pikepdf.open(BytesIO(pdf)) as document:
        assert {str(item.AFRelationship) for item in document.Root.AF} == {"/Data"}
        assert json.loads(document.attachments["respuestas.json"].get_file().read_bytes()) == {"giro": "Panadería"}


def test_the_table_tells_readers_which_cells_are_headings(pdf: bytes) -> None:
    with pikepdf.open(BytesIO(pdf)) as document:
        kinds = [str(item.S) for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item]
    assert {"/TH", "/TD", "/H1", "/H2", "/Figure", "/L"} <= set(kinds)


def test_qpdf_finds_nothing_wrong(pdf: bytes, tmp_path: Path) -> None:
    path = tmp_path / "decreto.pdf"
    path.write_bytes(pdf)
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)


def test_a_camera_reads_the_address_from_the_page(pdf: bytes, tmp_path: Path) -> None:
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-", tmp_path / "hoja"], input=pdf, check=True)
    (page,) = tmp_path.glob("*.png")
    read = subprocess.run(["zbarimg", "-q", "--raw", page], capture_output=True, check=True).stdout.decode().strip()
    assert read == "HTTPS://TRAMITES.EXAMPLE/VERIFICAR/7K3MQ2XW9D4HB5TV"


RENDER = """
import hashlib, django; django.setup()
from documents.api import render
from tests.documents.makers import complete
print(hashlib.sha256(render(complete()).data).hexdigest())
"""


def test_every_process_makes_the_same_bytes(tmp_path: Path) -> None:
    environment = databases.environment(tmp_path, PYTHONHASHSEED="4242")
    command = [sys.executable, "-c", RENDER]
    result = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=True, text=True)
    assert result.stdout.strip() == hashlib.sha256(render(complete()).data).hexdigest()


def test_another_word_makes_other_bytes() -> None:
    assert render(complete()).data != render(complete(title="Otro título")).data


def test_the_versions_that_decide_the_bytes_are_recorded() -> None:
    assert {"weasyprint", "pango"} <= set(render(complete()).toolchain)


# Hostile and clumsy texts


def test_what_people_write_is_text_and_never_markup() -> None:
    attack = '<img src="file:///etc/passwd"> <script>alert(1)</script> {{ settings.SECRET_KEY }} {% load x %}'
    table = Table(rows=(Row(label=attack, value=attack),))
    html = to_html(complete(title=attack, blocks=(Paragraph(text=attack), table)))
    assert '<img src="file' not in html
    assert "<script" not in html
    assert "{{ settings.SECRET_KEY }}" in html
    assert "alert(1)" in words(render(complete(blocks=(Paragraph(text=attack),))).data)


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("**fuerte** y *suave*", "<p><strong>fuerte</strong> y <em>suave</em></p>"),
        ("2 * 3 * 4 y a*b*c", "<p>2 * 3 * 4 y a*b*c</p>"),
        ("- uno\n- **dos**", "<ul><li>uno</li><li><strong>dos</strong></li></ul>"),
        ("1. uno\n2. dos", "<ol><li>uno</li><li>dos</li></ol>"),
        ("uno\n\ndos", "<p>uno</p><p>dos</p>"),
        ("uno\ndos", "<p>uno<br>dos</p>"),
        ("**<b>**", "<p><strong>&lt;b&gt;</strong></p>"),
        ("**sin cerrar", "<p>**sin cerrar</p>"),
    ],
)
def test_the_few_marks_of_staff_texts(written: str, html: str) -> None:
    assert text.block(written) == html


def test_marks_that_turn_the_reading_order_are_dropped() -> None:
    assert text.clean("pago \u202e0001\u202c pesos\x00") == "pago 0001 pesos"


def test_a_character_that_the_fonts_lack_is_written_out() -> None:
    assert "[U+1F600]" in words(render(complete(blocks=(Paragraph(text="Gracias 😀"),))).data)


BOMBS = {
    "nested flex": "<div style='display:flex'><div style='display:flex'>" * 24 + "x",
    "variables": "<style>:root{--a:xxxxxxxxxx;"
    + "".join(f"--{chr(98 + n)}:{f'var(--{chr(97 + n)})' * 10};" for n in range(8))
    + "}p::before{content:var(--i)}</style><p>x",
    "vector uses": "<svg xmlns='http://www.w3.org/2000/svg'><g id='a0'><rect/></g>"
    + "".join(f"<g id='a{n}'>" + f"<use href='#a{n - 1}'/>" * 10 + "</g>" for n in range(1, 8))
    + "</svg>",
}


@pytest.fixture
def small_child() -> Iterator[LimitedChild]:
    """The rendering child with short limits."""
    child = LimitedChild(
        "documents.rendering.child",
        address_space=800 << 20,
        cpu_seconds=3,
        wall_seconds=90,
        environment={"FONTCONFIG_FILE": str(ROOT / "documents" / "fonts" / "fonts.conf")},
    )
    yield child
    child.stop()


def raw_request(html: str) -> dict[str, Any]:
    created = "2026-03-04T15:00:00+00:00"
    return {"html": html, "styles": [], "resources": {}, "attachments": [], "created": created, "max_pages": 200}


@pytest.mark.parametrize("bomb", BOMBS)
def test_even_if_markup_got_through_a_bomb_is_stopped(
    bomb: str, small_child: LimitedChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_child", lambda: small_child)
    try:
        answer = client._ask(raw_request(BOMBS[bomb]))
    except RenderingStopped:
        return
    assert answer.get("error") in ("memory", "nesting", "failed")


@pytest.mark.parametrize(
    "html",
    [
        "<img src='file:///etc/passwd'>",
        "<img src='http://127.0.0.1:1/x.png'>",
        "<link rel=stylesheet href='file:///etc/passwd'>",
        "<style>@import 'http://127.0.0.1:1/a.css';</style>x",
        "<style>@font-face{font-family:x;src:url(file:///etc/passwd)} p{font-family:x}</style><p>x",
        "<link rel=attachment href='file:///etc/passwd'>",
        "<img src='data:image/svg+xml,%3Csvg/%3E'>",
        "<img src='urn:recurso:otro.svg'>",
    ],
)
def test_no_address_is_ever_fetched(html: str, small_child: LimitedChild) -> None:
    assert small_child.ask(raw_request(html)) == {"error": "forbidden_address"}


def test_too_many_rows_are_refused_before_rendering() -> None:
    rows = tuple(Row(label="a", value="b") for _ in range(1_500))
    with pytest.raises(ContentTooLarge):
        render(complete(blocks=(Table(rows=rows), Table(rows=rows))))


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_PAGES", 2)
    with pytest.raises(ContentTooLarge, match="páginas y el máximo es 2"):
        render(complete(blocks=(Paragraph(text="Línea.\n" * 120),)))


def test_a_content_without_its_date_is_refused() -> None:
    with pytest.raises(RenderingFailed):
        render(decree())


def test_a_machine_without_pango_gets_the_command_that_installs_it() -> None:
    error = client._error("libraries", "cannot load library 'libpango-1.0-0'")
    assert isinstance(error, Blocked)
    assert "apt-get install libpango" in error.reason
