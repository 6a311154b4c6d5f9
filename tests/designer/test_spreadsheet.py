"""A procedure begins from a spreadsheet: seen row by row before anything is made."""

from __future__ import annotations

import io
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import html
from openpyxl import Workbook

from designer import operations, tree
from designer.errors import CannotRead
from designer.merging import merged
from designer.models import ProcedureDraft
from designer.queries import findings_of
from designer.spreadsheet import rows_of
from tests.designer.conftest import Desk
from tests.workflows.permissions import BACKEND

SHEET = """Pregunta;Tipo;Opciones;Obligatoria;Ayuda;Página
¿Cuál es tu RUN?;;;;;Tú
Nombre de tu mascota;Texto corto;;no;Como la llamas;Tú
¿Qué es?;una opción;Perro|Gato|Otra;;;Tu mascota
Foto;archivo;;;;Tu mascota
"""


def test_each_row_is_a_question_of_the_type_that_it_names_or_that_its_words_tell() -> None:
    rows = rows_of(SHEET.encode("cp1252"))
    assert [row.problem for row in rows] == [""] * 4
    assert [row.question["type"] for row in rows] == ["run", "text", "choice", "file"]
    assert rows[1].question["required"] is False
    assert rows[1].question["hint"] == "Como la llamas"
    assert [option["label"] for option in rows[2].question["options"]] == ["Perro", "Gato", "Otra"]
    assert rows[3].number == 5


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (";texto corto;;;;", "Falta la pregunta"),
        ("Uno;telepatía;;;;", "No hay un tipo «telepatía»"),
        ("Uno;una opción;Solo una;;;", "al menos dos"),
        ("Uno;fecha;Ayer|Hoy;;;", "Solo las preguntas de elegir"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_of_that_row(line: str, why: str) -> None:
    heading = SHEET.partition("\n")[0]
    [good, bad] = rows_of(f"{heading}\nBien;;;;;\n{line}\n".encode())
    assert good.problem == ""
    assert bad.number == 3
    assert why in bad.problem


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "vac"),
        (b"nombre,cosa\nx,y\n", "primera fila"),
        (b"PK\x03\x04 no es una planilla", "no se puede leer"),
        (b"pregunta\n" + b"una\n" * 501, "más de 500"),
    ],
)
def test_what_is_no_list_of_questions_is_refused_with_what_to_do(data: bytes, why: str) -> None:
    with pytest.raises(CannotRead, match=why):
        rows_of(data)


def packed(*, declared: str = "", text: str = "Cosa", filler: int = 0) -> bytes:
    """An XLSX with one question, whose sheet declares something, says it otherwise, or ends in so many zeros."""
    book, made, out = Workbook(), io.BytesIO(), io.BytesIO()
    for cell in ("pregunta", "Cosa"):
        book.worksheets[0].append([cell])
    book.save(made)
    with ZipFile(made) as before, ZipFile(out, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            if name.endswith("sheet1.xml"):
                part = declared.encode() + part.replace(b"Cosa", text.encode()) + b"0" * filler
            after.writestr(name, part)
    return out.getvalue()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ja" * 10}">' for n in range(10))


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        ({"filler": 30 * 1024 * 1024}, "se descomprime"),
        ({"declared": f"<!DOCTYPE worksheet [{LAUGHS}]>", "text": "&l9;"}, "no se puede leer"),
        ({"declared": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>', "text": "&x;"}, "no se puede leer"),
    ],
    ids=["zip", "entities", "file"],
)
def test_a_sheet_that_unpacks_without_end_or_names_entities_is_refused_unread(sheet: dict[str, Any], why: str) -> None:
    assert [row.question["label"] for row in rows_of(packed())] == ["Cosa"]
    with pytest.raises(CannotRead, match=why):
        rows_of(packed(**sheet))


def test_the_rows_are_seen_before_the_procedure_is_made(desk: Desk) -> None:
    client = Client()
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    sent = {"titulo": "Registro de mascotas", "desde": "planilla"}
    url = reverse("designer:create")
    seen = client.post(url, {**sent, "planilla": SimpleUploadedFile("m.csv", SHEET.encode())})
    assert seen.status_code == 200
    assert not ProcedureDraft.objects.exists()
    page: Any = html.fromstring(seen.content.decode())
    form = next(found for found in page.forms if "filas" in found.fields)
    assert client.post(url, dict(form.form_values())).status_code == 302
    draft = ProcedureDraft.objects.get()
    titles = [page["title"] for page in draft.content["forms"][0]["pages"]]
    assert titles[:2] == ["Tú", "Tu mascota"]
    assert not any(finding.path.startswith("forms") for finding in findings_of(draft.content).errors)


def test_a_faulty_row_makes_nothing_and_keeps_the_name_that_was_typed(desk: Desk) -> None:
    client = Client()
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    data = SimpleUploadedFile("m.csv", b"pregunta;tipo\nUno;telepat\xc3\xada\n")
    answer = client.post(reverse("designer:create"), {"titulo": "Mascotas", "desde": "planilla", "planilla": data})
    assert answer.status_code == 422
    assert "Fila 2" in answer.content.decode()
    assert 'value="Mascotas"' in answer.content.decode()


def form_with(desk: Desk, client: Client) -> tuple[ProcedureDraft, str]:
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    draft = desk.example()
    return draft, reverse("designer:sheet", args=[draft.pk, "solicitud"])


def send(client: Client, url: str, text: str, **more: str) -> Any:
    sheet = SimpleUploadedFile("preguntas.csv", text.encode(), content_type="text/csv")
    return client.post(url, {"planilla": sheet, **more})


def approve(client: Client, url: str, page: Any) -> Any:
    drawn: Any = html.fromstring(page.content.decode())
    form = drawn.xpath("//form[.//button[@name='aprobar']]")[0]
    return client.post(url, {**dict(form.form_values()), "aprobar": "1"})


def test_the_sheet_of_a_draft_goes_out_and_comes_back_without_changing_anything(desk: Desk, client: Client) -> None:
    draft, url = form_with(desk, client)
    out = client.get(f"{url}archivo/").content.decode("utf-8-sig")
    page = send(client, url, out)
    assert "dice lo mismo que el borrador" in page.content.decode()
    approved = client.post(url, {"texto": out, "aprobar": "1", "seen": page.context["wanted"].fingerprint})
    assert approved.status_code == 302
    before = draft.content
    draft.refresh_from_db()
    assert draft.content == before


def test_rows_change_questions_by_their_internal_name_and_add_those_that_are_new(desk: Desk, client: Client) -> None:
    draft, url = form_with(desk, client)
    [first, second, *_rest] = [field for _at, field in fields(draft)]
    sheet = f"Nombre interno;Pregunta;Tipo\n{first['id']};Otras palabras;\n;¿Algo más?;texto largo\n"
    page = send(client, url, sheet)
    before = draft.content
    draft.refresh_from_db()
    assert draft.content == before
    assert "Otras palabras" in page.content.decode()
    assert approve(client, url, page).status_code == 302
    draft.refresh_from_db()
    [changed, new, after, *_more] = [field for _at, field in fields(draft)]
    assert changed == {**first, "label": "Otras palabras"}
    assert (new["type"], new["label"], after) == ("textarea", "¿Algo más?", second)


def test_questions_left_out_go_only_when_asked_and_nothing_uses_them(desk: Desk, client: Client) -> None:
    draft, url = form_with(desk, client)
    used, names = "giro", {field["id"] for _at, field in fields(draft)}
    sheet = "Nombre interno;Pregunta\n;Una sola pregunta\n"
    assert approve(client, url, send(client, url, sheet)).status_code == 302
    draft.refresh_from_db()
    assert names < {field["id"] for _at, field in fields(draft)}
    page = send(client, url, sheet, quitar="1")
    assert "otras partes del trámite las usan" in page.content.decode()
    approve(client, url, page)
    draft.refresh_from_db()
    left = {field["id"] for _at, field in fields(draft)}
    assert used in left
    assert left < names | {"una_sola_pregunta"}


def test_a_published_question_does_not_change_into_a_type_that_loses_answers(desk: Desk) -> None:
    content = {"forms": [{"id": "f", "pages": [{"id": "p", "title": "P", "fields": [
        {"id": "edad", "type": "integer", "label": "Edad"}]}]}], "steps": []}  # fmt: skip
    rows = rows_of(b"id;pregunta;tipo\nedad;Edad;fecha\n", frozenset({"edad"}))
    assert "ya se publicó" in merged(content, "f", rows, frozen={"edad"}, drops=False).problems[0]
    assert merged(content, "f", rows, frozen=set(), drops=False).problems == []


def test_what_changed_meanwhile_is_told_and_nothing_is_brought_in(desk: Desk, client: Client) -> None:
    draft, url = form_with(desk, client)
    page = send(client, url, "Pregunta\nUna sola pregunta\n")
    changed = tree.put(draft.content, ("forms", "solicitud", "title"), "Otro nombre")
    desk.do(operations.restore, draft, content=changed, summary="Cambió")
    answer = approve(client, url, page)
    assert answer.status_code == 409
    assert "mientras lo editabas" in answer.content.decode()


def fields(draft: ProcedureDraft) -> list[tuple[Any, dict[str, Any]]]:
    return list(tree.fields_of_form(tree.get(draft.content, ("forms", "solicitud"))))


def pages_after(pages: list[dict[str, Any]], sheet: str, *, drops: bool = False) -> list[dict[str, Any]]:
    """The pages of a form once a sheet was brought in."""
    content: dict[str, Any] = {"forms": [{"id": "f", "pages": pages}] if pages else [{"id": "f"}], "steps": []}
    known = frozenset(field["id"] for page in pages for field in page.get("fields", ()))
    made = merged(content, "f", rows_of(sheet.encode(), known), frozen=set(), drops=drops)
    assert made.problems == []
    found: list[dict[str, Any]] = made.content["forms"][0]["pages"]
    return found


def asks(name: str, *fields: str, **more: Any) -> dict[str, Any]:
    said = [{"id": field, "type": "text", "label": field} for field in fields]
    return {"id": name, "title": name, **({"fields": said} if said else {}), **more}


MOVES = "id;pregunta;página\nuno;uno;b\n"
"""Takes the only question of page a into page b."""


def test_a_sheet_takes_away_only_pages_that_it_leaves_without_questions() -> None:
    just_added = asks("nueva")
    assert pages_after([asks("a", "uno"), asks("b", "dos"), just_added], MOVES) == [asks("b", "dos", "uno"), just_added]


@pytest.mark.parametrize("drops", [False, True])
def test_a_page_that_a_sheet_empties_stays_where_something_leads_to_it_or_out_of_it(drops: bool) -> None:
    skip = [{"when": {"all": [{"field": "inicio.cero", "op": "filled"}]}, "goto": "a"}]
    out = [{"when": {"all": [{"field": "inicio.cero", "op": "filled"}]}, "title": "No puedes seguir"}]
    sheet = f"{MOVES}cero;cero;antes\n"
    led = [asks("antes", "cero", skip=skip), asks("a", "uno"), asks("b")]
    assert [page["id"] for page in pages_after(led, sheet, drops=drops)] == ["antes", "a", "b"]
    left = [asks("antes", "cero"), asks("a", "uno", exits=out), asks("b")]
    assert pages_after(left, sheet, drops=drops)[1]["exits"] == out


def test_a_sheet_comes_into_a_form_without_pages() -> None:
    [page] = pages_after([], "pregunta\n¿Qué pides?\n")
    assert [field["label"] for field in page["fields"]] == ["¿Qué pides?"]
