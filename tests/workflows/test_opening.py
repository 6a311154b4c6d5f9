"""Cases that the institution opens by itself: one by an official, many from a sheet, and none twice (art. 29)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from jobs.models import Job
from procedures.api import bundle_of
from procedures.models import Offering
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import NAME, flow, offer, report, yes_no
from workflows.bulk import people, sheets
from workflows.commands import bulk
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import BulkRow, BulkStart, Case, Channel
from workflows.presenting.history import history

pytestmark = pytest.mark.django_db
WHY = {"apertura-por": "orden", "apertura-motivo": "Oficio 12 de la jefatura"}
COLOURS = [{"id": "rojo", "label": "Rojo"}, {"id": "azul", "label": "Azul"}]
PLACE = {**NAME, "id": "local", "label": "Local"}
FIELDS = (
    PLACE,
    yes_no(),
    {"id": "color", "type": "choice", "label": "Color", "options": COLOURS},
    {"id": "fecha", "type": "date", "label": "Fecha", "required": False},
)
HEADINGS = ["Clave de la fila", "rut", "motivo", "nombre", "correo", "peticion", "autoriza_sensibles",
            "Local", "¿Es favorable?", "Color", "Fecha"]  # fmt: skip
KNOWN = ["76.543.210-3", "", "Comercial Sur", "sur@correo.example", "", "no"]


def own_motion(story: Story, *fields: dict[str, Any]) -> Offering:
    """A procedure that only the institution opens."""
    data = flow(report("revisar", following="sello"))
    data["ficha"] = {**data["ficha"], "channels": ["own_motion"]}
    data["steps"][0] = {**data["steps"][0], "summary_field": "local"}
    last = data["forms"][0]["pages"][-1]
    last["fields"] = [*last["fields"], *(fields or FIELDS)]
    if fields:
        data["steps"][0]["summary_field"] = "nombre"
    asked = {one["id"]: one for page in data["forms"][0]["pages"] for one in page["fields"]}
    for place, name in ((1, "motivo"), (4, "peticion")):
        KNOWN[place] = asked[name]["options"][0]["label"]
    return story.offering(offer(story, data))


def row(key: str, *cells: str) -> list[str]:
    return [key, *KNOWN, *cells]


def people_of(*named: tuple[str, ...]) -> list[str]:
    """The cells of up to two interested persons."""
    return [cell for one in (*named, ("",) * 8)[:2] for cell in one]


def csv_of(*rows: list[str]) -> bytes:
    return sheets.write_csv(HEADINGS, rows)


def send(story: Story, offering: Offering, content: bytes, who: str = "Beto") -> BulkStart:
    return bulk.receive_sheet(
        offering=offering, name="p.csv", content=content, origin="Por orden superior", reason="Oficio 12",
        by=story.people[who], now=story.now,
    )  # fmt: skip


def open_all(story: Story, sent: BulkStart) -> list[BulkRow]:
    bulk.open_rows(bulk=sent, by=story.people["Beto"], now=story.now)
    story.work()
    return list(sent.rows.order_by("line"))


def test_an_official_opens_a_case_and_says_why(story: Story, visitor: Visitor) -> None:
    offering = own_motion(story)
    beto, address = visitor("Beto"), at("own_motion_one", "muni-ejemplo", "prueba")
    assert "Abrir una" in text_of(beto.get(at("own_motion")))
    given = {"rut": KNOWN[0], "nombre": KNOWN[2], "correo": KNOWN[3], "local": "Local Norte", "favorable": "yes",
             "color": "rojo", "autoriza_sensibles": "no"}  # fmt: skip
    asked = bundle_of(offering.version).fields_of(bundle_of(offering.version).start.id)
    given |= {one.id: one.options[0].id for one in asked if one.id in ("motivo", "peticion")}
    page = beto.post(address, given)
    assert page.status_code == 422
    assert "Elige por qué se abre" in text_of(page)
    assert 'value="Local Norte"' in page.content.decode()
    assert beto.post(address, {**given, **WHY}).status_code == 302
    case = Case.objects.get()
    assert (case.channel, case.summary, case.parties.count()) == ("own_motion", "Local Norte", 0)
    first = history(case)[-1]
    assert (first.who, first.detail) == (str(story.people["Beto"]), WHY["apertura-motivo"])
    waiting = text_of(beto.get(at("inbox"), {"ver": "grupo"}))
    assert "De oficio" in waiting
    assert "De oficio · Local Norte" in text_of(beto.get(at("desk_case", case.ref)))
    assert "Local Norte" in waiting
    assert visitor("Carla").get(address).status_code == 404


def test_the_template_is_filled_in_sent_looked_at_and_opened(story: Story, visitor: Visitor) -> None:
    own_motion(story)
    beto, address = visitor("Beto"), at("own_motion_sheet", "muni-ejemplo", "prueba")
    got = beto.get(at("own_motion_template", "muni-ejemplo", "prueba", "xlsx"))
    book = load_workbook(io.BytesIO(got.content))
    sheet = book.active
    assert sheet is not None
    asked = [str(cell.value) for cell in sheet[1]][: -len(people.headings())]
    assert asked[-4:] == HEADINGS[-4:]
    sheet.delete_rows(2)
    sheet.append(["a", *KNOWN, "Norte", "sí", "Azul", story.now.date()])
    sheet.append(["b", *KNOWN, "Sur", "quizás", "Verde", "31/02/2026"])
    sheet.append(["c", *KNOWN, None, True, "rojo"])
    out = io.BytesIO()
    book.save(out)
    sent = beto.post(address, {**WHY, "apertura-archivo": SimpleUploadedFile("p.xlsx", out.getvalue())}, follow=True)
    said = text_of(sent)
    assert "¿Es favorable?: escribe sí o no" in said
    assert "Color: elige una de estas: Rojo, Azul" in said
    assert "Local:" in said
    assert not Case.objects.exists()
    assert "Abrir 1 solicitud" in said
    opening = beto.post(sent.redirect_chain[-1][0], follow=True)
    assert "0 de 1 listas" in text_of(opening)
    story.work()
    case = Case.objects.get()
    filed = {"local": "Norte", "favorable": True, "color": "azul", "fecha": "2026-03-04"}
    assert filed.items() <= case.data[bundle_of(case.version).start.id].items()
    assert f"N° {case.number}" in text_of(beto.get(sent.redirect_chain[-1][0]))
    assert BulkRow.objects.get(case=case).answers == ""


def test_the_rows_say_what_they_would_open_and_everything_that_is_wrong(story: Story, visitor: Visitor) -> None:
    offering = own_motion(story)
    rosa = people_of(("Rosa", "Soto", "20.000.000-5", "", "", "", "", "rosa@correo.example"))
    rows = (
        [*row("a", "=SUMA(1)", "sí", "Rojo", ""), *rosa],
        [*row("b", "Sur", "sí", "Verde", "31/02/2026"), *people_of()],
    )
    sent = send(story, offering, sheets.write_csv([*HEADINGS, *people.headings()], rows))
    page = text_of(visitor("Beto").get(at("sheet", sent.pk)))
    assert "=SUMA(1) · Rosa Soto" in page
    assert page.index("Sur") < page.index("=SUMA(1)"), "what must be corrected is read first"
    problems = sent.rows.get(line=3).problems
    assert [one.partition(":")[0] for one in problems] == ["Color", "Fecha"]


def test_a_sheet_without_a_column_that_everybody_must_answer_names_it(story: Story) -> None:
    offering = own_motion(story)
    place = HEADINGS.index("Color")
    content = sheets.write_csv(HEADINGS[:place] + HEADINGS[place + 1 :], [row("a", "Norte", "sí", "")])
    with pytest.raises(CommandRefused, match="Faltan columnas: «Color»"):
        send(story, offering, content)
    dateless = sheets.write_csv(HEADINGS[:-1], [row("a", "Norte", "sí", "Rojo")])
    assert send(story, offering, dateless).rows.get().problems == []


def test_rows_looked_at_with_a_version_that_is_over_open_nothing_r78(story: Story) -> None:
    offering = own_motion(story)
    sent = send(story, offering, csv_of(row("a", "Norte", "sí", "Rojo", "")))
    story.now += timedelta(days=1)
    own_motion(story, PLACE, yes_no(), {"id": "nueva", "type": "text", "label": "Nueva", "required": False})
    with pytest.raises(CommandRefused, match="El trámite cambió"):
        bulk.open_rows(bulk=sent, by=story.people["Beto"], now=story.now)


def test_a_row_whose_job_was_given_up_says_so_and_may_be_asked_again(story: Story, visitor: Visitor) -> None:
    offering = own_motion(story)
    sent = send(story, offering, csv_of(row("a", "Norte", "sí", "Rojo", "")))
    bulk.open_rows(bulk=sent, by=story.people["Beto"], now=story.now)
    Job.objects.filter(kind=bulk.OPEN_ROW).update(state="dead", run_at=None)
    beto = visitor("Beto")
    assert "no se pudo abrir" in text_of(beto.get(at("sheet", sent.pk)))
    assert beto.post(at("sheet", sent.pk)).status_code == 302
    assert "no se pudo abrir" not in text_of(beto.get(at("sheet", sent.pk))), "it is under way again"
    again = beto.post(at("sheet", sent.pk))
    assert again.status_code == 409
    assert "ya se están abriendo" in text_of(again)
    assert Job.objects.filter(kind=bulk.OPEN_ROW, run_at__isnull=False).count() == 1
    story.work()
    assert Case.objects.count() == 1
    assert "no se pudo abrir" not in text_of(beto.get(at("sheet", sent.pk)))


def test_a_row_opens_once_however_often_it_is_sent(story: Story) -> None:
    offering = own_motion(story)
    first, second = row("a", "Norte", "sí", "Rojo", ""), row("b", "Sur", "no", "Azul", "")
    sent = send(story, offering, csv_of(first))
    open_all(story, sent)
    with pytest.raises(CommandRefused):
        bulk.open_rows(bulk=sent, by=story.people["Beto"], now=story.now)
    again = open_all(story, send(story, offering, csv_of(row("a", "Otro nombre", "sí", "Rojo", ""), second)))
    assert [row.was_open for row in again] == [True, False]
    assert Case.objects.count() == 2
    twice = send(story, offering, csv_of(row("c", "Uno", "sí", "Rojo", ""), row("c", "Dos", "sí", "Rojo", "")))
    assert [row.problems for row in twice.rows.order_by("line")] == [[], ["Repite la fila 2."]]


def test_rows_without_a_key_are_told_apart_by_their_content(story: Story) -> None:
    offering = own_motion(story)
    same = row("", "Norte", "sí", "Rojo", "")
    open_all(story, send(story, offering, csv_of(same)))
    again = send(story, offering, csv_of(same))
    assert again.rows.get().case == Case.objects.get(), "looking at it tells that it is open already"
    with pytest.raises(CommandRefused):
        bulk.open_rows(bulk=again, by=story.people["Beto"], now=story.now)


def test_looking_at_a_sheet_sent_again_says_which_rows_are_open_already(story: Story, visitor: Visitor) -> None:
    offering = own_motion(story)
    open_all(story, send(story, offering, csv_of(row("a", "Norte", "sí", "Rojo", ""))))
    again = send(story, offering, csv_of(row("a", "Norte", "sí", "", "mal"), row("b", "Sur", "no", "Azul", "")))
    page = text_of(visitor("Beto").get(at("sheet", again.pk)))
    for said in ("Por abrir 1", "Ya estaban abiertas 1", "Con errores 0", "Abrir 1 solicitud"):
        assert said in page


def test_the_run_of_somebody_with_another_name_opens_nothing_for_them_r23(story: Story) -> None:
    """Two wrong digits make another person's RUN: they would read a case that is not theirs."""
    offering = own_motion(story)
    run_of_ana = "41.111.111-3"
    other = people_of(("Rosa", "Soto Vera", run_of_ana, "", "", "", "", "rosa@correo.example"))
    content = sheets.write_csv([*HEADINGS, *people.headings()], [[*row("A", "Norte", "sí", "Rojo", ""), *other]])
    [problem] = send(story, offering, content).rows.get().problems
    assert problem.startswith("Rosa Soto Vera: Ese RUN es de una persona con otro nombre")
    assert problem.endswith("agrégala después en la solicitud, donde se confirma que es ella.")
    assert "Ana" not in problem, "who has a RUN is told to nobody who guesses it"
    known = people_of(("ANA MARIA", "Perez", run_of_ana, "", "", "", "", "ana@correo.example"))
    content = sheets.write_csv([*HEADINGS, *people.headings()], [[*row("B", "Norte", "sí", "Rojo", ""), *known]])
    assert send(story, offering, content).rows.get().problems == []


def test_a_sheet_of_many_people_is_looked_at_with_the_same_reads(story: Story) -> None:
    offering = own_motion(story)
    reads = []
    for rows in (1, 12):
        sent = [
            [*row(f"{rows}-{place}", "Norte", "sí", "Rojo", ""),
             *people_of(("Rosa", "Soto", "20.000.000-5", "", "", "", "", "rosa@correo.example"))]
            for place in range(rows)
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as statements:
            send(story, offering, sheets.write_csv([*HEADINGS, *people.headings()], sent))
        reads.append(len(statements))
    assert reads[0] == reads[1]


def test_a_row_names_interested_persons_who_are_parties_from_the_start(story: Story) -> None:
    """Ley 19.880 art. 21; R23."""
    offering = own_motion(story)
    sent = people_of(("Rosa", "Soto", "20.000.000-5", "", "", "denunciante", "", "rosa@correo.example"),
                     ("Luis", "Quispe", "", "AB123", "pe", "", "Calle 1", ""))  # fmt: skip
    content = sheets.write_csv([*HEADINGS, *people.headings()], [[*row("A", "Norte", "sí", "Rojo", ""), *sent]])
    opened = send(story, offering, content)
    assert opened.rows.get().problems == []
    bulk.open_rows(bulk=opened, by=story.people["Beto"], now=story.now)
    story.work()
    case = Case.objects.get(summary="Norte")
    kinds = {str(party): party.kind for party in case.parties.all()}
    assert kinds == {"Rosa Soto": "informer", "Luis Quispe": "affected"}
    assert opened.rows.get().people == ""
    assert "20000000" not in BulkRow.objects.get().answers


def test_whoever_filed_nothing_is_not_thanked_for_it(story: Story, visitor: Visitor) -> None:
    """R23: an interested person whom the institution names reads who opened the case."""
    case = story.file()
    Case.objects.update(channel=Channel.OWN_MOTION)
    page = text_of(visitor("Ana").get(at("case", case.ref)))
    assert "La institución abrió el caso" in page
    assert "Solicitud enviada" not in page
    assert "Solicitud recibida" not in page


def test_what_is_wrong_with_a_person_of_a_row_is_said_by_its_column(story: Story) -> None:
    offering = own_motion(story)
    rosa = ("Rosa", "Soto", "20.000.000-5", "", "", "", "", "rosa@correo.example")
    cases = {
        ("Rosa", "", "20.000.000-5", "", "", "", "x", ""): "escribe sus nombres y apellidos",
        ("Rosa", "Soto", "20.000.000-1", "", "", "", "x", ""): "Persona interesada 1: RUN",
        ("Rosa", "Soto", "", "AB1", "Perú", "", "x", ""): "dos letras",
        ("Rosa", "Soto", "", "", "", "", "x", ""): "escribe su RUN, o el número",
        ("Rosa", "Soto", "20.000.000-5", "", "", "tía", "x", ""): "elige una de estas",
        ("Rosa", "Soto", "20.000.000-5", "", "", "", "", ""): "un correo o un domicilio",
        ("Rosa", "Soto", "20.000.000-5", "", "", "", "", "rosa"): "nombre@dominio.cl",
    }
    rows = [[*row(str(place), "Norte", "sí", "Rojo", ""), *people_of(one)] for place, one in enumerate(cases)]
    rows.append([*row("Z", "Norte", "sí", "Rojo", ""), *people_of(rosa, rosa)])
    sent = send(story, offering, sheets.write_csv([*HEADINGS, *people.headings()], rows))
    found = [one.problems for one in sent.rows.order_by("line")]
    for problems, said in zip(found, [*cases.values(), "es la misma persona que la 1"], strict=True):
        assert len(problems) == 1
        assert said in problems[0]


def test_only_who_has_a_part_in_it_sends_sheets(story: Story) -> None:
    offering = own_motion(story)
    with pytest.raises(NotAllowed):
        send(story, offering, csv_of(row("a", "Norte", "sí", "Rojo", "")), who="Carla")
    with pytest.raises(NotAllowed):
        send(story, story.offering("patente_comercial"), b"x")


def test_a_question_that_fits_in_no_cell_leaves_only_the_form(story: Story) -> None:
    plan = {"id": "plano", "type": "file", "label": "Plano"}
    with pytest.raises(CommandRefused, match="«Plano» no cabe en una celda"):
        send(story, own_motion(story, PLACE, plan), b"x;y\n1;2\n")


def test_what_nobody_opened_is_forgotten(story: Story) -> None:
    offering = own_motion(story)
    sent = send(story, offering, csv_of(row("a", "Norte", "sí", "Rojo", "")))
    assert "Norte" not in sent.rows.get().answers
    bulk.forget_sheets(None, story.now + bulk.KEPT * 2)  # type: ignore[arg-type]
    assert not BulkStart.objects.exists()


def test_files_that_are_no_sheets_are_refused_in_words() -> None:
    with pytest.raises(sheets.UnreadableSheet, match="no es una planilla"):
        sheets.read_sheet(b"\x00\x01")
    with pytest.raises(sheets.UnreadableSheet, match="no se puede leer como XLSX"):
        sheets.read_sheet(b"PK\x03\x04nada")
    with pytest.raises(sheets.UnreadableSheet, match="está vacía"):
        sheets.read_sheet(b"\n\n")
    with pytest.raises(sheets.UnreadableSheet, match="no tiene filas"):
        sheets.read_sheet(b"a;b\n")
    with pytest.raises(sheets.UnreadableSheet, match="dos veces"):
        sheets.read_sheet(b"a;A\n1;2\n")
    with pytest.raises(sheets.UnreadableSheet, match=r"más de 1\.000 filas"):
        sheets.read_sheet(b"a\n" + b"1\n" * 1_001)
    with pytest.raises(sheets.UnreadableSheet, match="5 MB"):
        sheets.read_sheet(b"a" * (sheets.MAX_BYTES + 1))
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (30 * 1024 * 1024))
    with pytest.raises(sheets.UnreadableSheet, match="se descomprime"):
        sheets.read_sheet(out.getvalue())


def test_cells_are_read_as_people_would_write_them() -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["a", "b", "c"])
    sheet.append([1.0, 2.5, False])
    book.save(out)
    assert sheets.read_sheet(out.getvalue()).rows[0].cells == {"a": "1", "b": "2,5", "c": "no"}
    assert sheets.read_sheet("año;b\nSí;2\n".encode("cp1252")).rows[0].cells == {"año": "Sí", "b": "2"}
    assert sheets.read_sheet("año\tb\nSí\t2\n".encode("utf-16")).rows[0].cells == {"año": "Sí", "b": "2"}
    assert b"'=cmd" in sheets.write_csv(["a"], [["=cmd"]])
