"""Files that a row of a group asks for: sent with and without script, filed, corrected, taken out, and read."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from documents.models import Document, Scan
from procedures.api import bundle_of
from tests.story import PDF, Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.flows import begin, form, report
from workflows import drafts, receipts, uploads
from workflows.commands import desk, filing
from workflows.errors import FileInfected
from workflows.models import Case, Draft, DraftFile, SubmissionValue
from workflows.presenting.answers import Reading, filed
from workflows.withholding import withheld

pytestmark = pytest.mark.django_db
PLACES = 3
"""The page of the places."""
ROW: dict[str, Any] = {
    "id": "r1", "direccion": "Plaza", "superficie": "40", "dias": 2, "estructura": True, "cual_estructura": "Un toldo",
    "limite": False,
}  # fmt: skip


def _pdf(name: str = "toldo.pdf", more: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF + more)


def _typed(row: str = "r1", **more: Any) -> dict[str, Any]:
    said = {"direccion": "Plaza", "superficie": "40", "dias": "2", "estructura": "yes",
            "cual_estructura": "Un toldo", "limite": "no", **more}  # fmt: skip
    return {"lugares-rows": row, **{f"lugares-{row}-{name}": value for name, value in said.items()}}


@pytest.fixture
def draft(story: Story) -> Draft:
    """Ana's draft of a permit, with its places still to be said."""
    made = story.draft(story.offering("ocupacion_espacio_publico"))
    drafts.save(draft=made, changed={}, removed={"lugares"}, now=story.now)
    made.refresh_from_db()
    return made


@pytest.fixture
def ana(visitor: Visitor) -> Client:
    """Ana's browser."""
    return visitor("Ana")


def _rows(draft: Draft) -> Any:
    draft.refresh_from_db()
    return drafts.read(draft).get("lugares")


def _keep(story: Story, draft: Draft, row: dict[str, Any], name: str, more: bytes = b"") -> dict[str, Any]:
    control = f"lugares-{row['id']}-plano"
    return {**row, "plano": uploads.keep(draft=draft, name=control, upload=_pdf(name, more), now=story.now)}


def _filed(story: Story, *rows: tuple[dict[str, Any], str]) -> Case:
    made = story.draft(story.offering("ocupacion_espacio_publico"))
    held = [_keep(story, made, row, name, name.encode()) if name else row for row, name in rows]
    drafts.save(draft=made, changed={"lugares": held}, removed=set(), now=story.now)
    made.refresh_from_db()
    by = story.people["Ana"]
    return filing.start(draft=made, by=by, signature=story.signature(made), now=story.now)


def _value(case: Case) -> SubmissionValue:
    return SubmissionValue.objects.filter(submission__case=case, field_id="lugares").latest("pk")


def _documents(case: Case) -> list[str]:
    value = _value(case)
    assert value.document is not None
    return [value.document.title, *(one.title for one in value.more_documents.order_by("pk"))]


class TestOnThePage:
    def test_without_script_the_file_goes_with_the_page(self, draft: Draft, ana: Client) -> None:
        page = at("page", draft.ref, PLACES)
        assert "q-lugares-r1-direccion" in ana.get(page).content.decode()
        sent = ana.post(page, {**_typed(), "lugares-r1-plano": _pdf()})
        assert sent.status_code == 302
        assert _rows(draft)[0]["plano"]["name"] == "toldo.pdf"
        assert "Archivo guardado: toldo.pdf" in text_of(ana.get(page))

    def test_with_script_it_goes_alone_to_a_row_that_was_never_saved(self, draft: Draft, ana: Client) -> None:
        page = ana.get(at("page", draft.ref, PLACES)).content.decode()
        assert 'name="lugares-rows" value="r1"' in page
        ana.post(at("autosave", draft.ref, PLACES), _typed())
        sent = ana.post(at("upload", draft.ref, PLACES), {"question": "lugares-r1-plano", "file": _pdf()})
        assert sent.status_code == 200
        assert 'id="box-lugares-r1-plano"' in sent.content.decode()
        assert _rows(draft)[0]["plano"]["name"] == "toldo.pdf"
        assert _rows(draft)[0]["direccion"] == "Plaza", "the file takes nothing of the row with it"

    def test_a_row_asks_for_no_file_that_it_does_not_open(self, draft: Draft, ana: Client) -> None:
        ana.post(at("autosave", draft.ref, PLACES), _typed(estructura="no"))
        sent = ana.post(at("upload", draft.ref, PLACES), {"question": "lugares-r1-plano", "file": _pdf()})
        assert sent.status_code == 404
        ana.post(at("page", draft.ref, PLACES), {**_typed(estructura="no"), "lugares-r1-plano": _pdf()})
        assert "plano" not in _rows(draft)[0]
        assert not DraftFile.objects.filter(draft=draft, field_id="lugares-r1-plano").exists()

    def test_what_is_wrong_with_it_is_told_with_the_name_of_the_row(self, draft: Draft, ana: Client) -> None:
        page = at("page", draft.ref, PLACES)
        missing = text_of(ana.post(page, _typed()))
        assert "Lugar 1: Adjunta «Plano o foto de lo que se instala»" in missing
        wrong = SimpleUploadedFile("virus.exe", b"MZ nada")
        told = text_of(ana.post(page, {**_typed(), "lugares-r1-plano": wrong}))
        assert "Lugar 1: El archivo debe ser PDF, JPG o PNG" in told

    def test_a_bad_file_is_told_also_by_a_button_that_does_not_go_on(self, draft: Draft, ana: Client) -> None:
        wrong = SimpleUploadedFile("virus.exe", b"MZ nada")
        sent = {**_typed(), "lugares-r1-plano": wrong, "_change": "add:lugares"}
        assert "El archivo debe ser PDF, JPG o PNG" in text_of(ana.post(at("page", draft.ref, PLACES), sent))

    def test_it_is_taken_out_alone_or_with_its_row(self, draft: Draft, ana: Client) -> None:
        page = at("page", draft.ref, PLACES)
        ana.post(page, {**_typed(), "lugares-r1-plano": _pdf()})
        ana.post(page, {**_typed(), "_change": "drop:lugares-r1-plano"})
        assert "plano" not in _rows(draft)[0]
        ana.post(page, {**_typed(), "lugares-r1-plano": _pdf()})
        ana.post(page, {**_typed(), "_change": "remove:lugares:r1"})
        assert _rows(draft) is None

    def test_a_file_with_a_virus_stops_the_page_beside_its_row(self, draft: Draft, ana: Client, settings: Any) -> None:
        page = at("page", draft.ref, PLACES)
        ana.post(page, {**_typed(), "lugares-r1-plano": _pdf()})
        settings.CLAMD = "localhost:1"
        blob = DraftFile.objects.get(draft=draft, field_id="lugares-r1-plano").blob
        type(blob).objects.filter(pk=blob.pk).update(scan=Scan.INFECTED)
        problem = str(FileInfected("toldo.pdf"))
        assert problem in text_of(ana.get(page))
        assert f"Lugar 1: {problem}" in text_of(ana.post(page, _typed()))


class TestInTheFile:
    def test_every_file_of_a_row_enters_and_is_of_its_group(self, story: Story) -> None:
        case = _filed(story, (ROW, "uno.pdf"), ({**ROW, "id": "r2"}, "dos.pdf"))
        assert _documents(case) == ["uno.pdf", "dos.pdf"]
        submission = case.submissions.get(seq=1)
        attached = [one.title for one in receipts._attached(submission)]
        assert {"uno.pdf", "dos.pdf"} <= set(attached), "the receipt tells their digests"
        assert all(row["plano"]["sha256"] for row in case.data["inicio"]["lugares"])

    def test_a_row_that_went_leaves_no_file(self, story: Story) -> None:
        made = story.draft(story.offering("ocupacion_espacio_publico"))
        _keep(story, made, ROW, "ido.pdf", b"ido")
        drafts.save(draft=made, changed={"lugares": [{**ROW, "estructura": False}]}, removed=set(), now=story.now)
        made.refresh_from_db()
        filing.start(draft=made, by=story.people["Ana"], signature=story.signature(made), now=story.now)
        assert not Document.objects.filter(title="ido.pdf").exists()

    def test_a_file_that_a_condition_hides_is_not_filed(self, story: Story) -> None:
        case = _filed(story, ({**ROW, "estructura": False}, "oculto.pdf"))
        assert not Document.objects.filter(title="oculto.pdf").exists()
        assert "plano" not in case.data["inicio"]["lugares"][0]

    def test_the_official_opens_each_from_the_answers(self, story: Story, visitor: Visitor) -> None:
        case = _filed(story, (ROW, "uno.pdf"), ({**ROW, "id": "r2"}, "dos.pdf"))
        (shown,) = [row for page in filed(case)[0].pages for row in page.rows if row.field_id == "lugares"]
        assert [name for name, _url, _why in shown.files] == ["uno.pdf", "dos.pdf"]
        assert not shown.url, "of two files, the words of the answer lead to neither"
        for _name, url, _why in shown.files:
            assert visitor("Carla").get(url).status_code == 200
        assert "Plano o foto de lo que se instala: uno.pdf" in shown.value

    def test_nobody_else_opens_it(self, story: Story, visitor: Visitor) -> None:
        case = _filed(story, (ROW, "uno.pdf"))
        document = _value(case).document
        assert document is not None
        address = at("document", case.ref, document.pk)
        assert visitor("Ana").get(address).status_code == 200
        assert visitor("Bruno").get(address).status_code == 404
        assert document.pk not in withheld(case, story.people["Ana"])

    def test_whoever_applied_opens_each_from_their_answers(self, story: Story, visitor: Visitor) -> None:
        case = _filed(story, (ROW, "uno.pdf"), ({**ROW, "id": "r2"}, "dos.pdf"))
        page = visitor("Ana").get(at("answers", case.ref)).content.decode()
        value = _value(case)
        for document in (value.document, *value.more_documents.all()):
            assert document is not None
            assert f'<a href="{at("document", case.ref, document.pk)}">{document.title}</a>' in page

    def test_a_correction_keeps_what_stays_and_adds_what_is_new(self, story: Story) -> None:
        case = _filed(story, (ROW, "uno.pdf"), ({**ROW, "id": "r2"}, "dos.pdf"))
        story.do(case, "examen", resultado="observar", observe={"lugares": "Falta el plano de la plaza."})
        from workflows.commands import corrections
        from workflows.queries import correction_to_answer

        waiting = correction_to_answer(case)
        assert waiting is not None
        again = drafts.begin_answer(task=waiting.task, by=story.people["Ana"], now=story.now)
        first, _gone = drafts.read(again)["lugares"]
        third = _keep(story, again, {**ROW, "id": "r3"}, "tres.pdf", b"tres")
        drafts.save(draft=again, changed={"lugares": [first, third]}, removed=set(), now=story.now)
        again.refresh_from_db()
        corrections.answer_correction(
            draft=again, by=story.people["Ana"], signature=story.signature(again), now=story.now
        )
        assert _documents(case) == ["uno.pdf", "tres.pdf"]
        assert Document.objects.filter(file=case.file, title="uno.pdf").count() == 1


class TestOfOfficials:
    ROWS: Any = {
        "id": "equipos", "type": "group", "label": "Equipos", "row_title": "Equipo",
        "fields": [{"id": "nombre", "type": "text", "label": "Nombre"},
                   {"id": "foto", "type": "file", "label": "Foto", "accept": ["pdf"]}],
    }  # fmt: skip

    def test_an_official_adds_a_row_that_opens_a_question_and_takes_its_file(
        self, story: Story, visitor: Visitor
    ) -> None:
        case = _filed(story, ({**ROW, "estructura": False}, ""))
        story.do(case, "examen", resultado="admitir")
        page, carla = at("desk_add_row", case.ref, "lugares"), visitor("Carla")
        assert 'enctype="multipart/form-data"' in carla.get(page).content.decode()
        had = ["direccion", "superficie", "dias", "ocupacion", "estructura", "limite"]
        sent = {"direccion": "Pasaje", "superficie": "10", "dias": "3", "estructura": "yes", "limite": "no"}
        opened = carla.post(page, {**sent, "_visto": had})
        assert opened.status_code == 200
        assert "Necesitamos un dato más" in text_of(opened)
        more = {**sent, "cual_estructura": "Un toldo", "_visto": [*had, "cual_estructura", "plano"]}
        assert "Adjunta «Plano o foto de lo que se instala»" in text_of(carla.post(page, more))
        assert carla.post(page, {**more, "plano": _pdf("pasaje.pdf")}).status_code == 302
        case.refresh_from_db()
        added = case.data["lugares"]["rows"][-1]
        assert (added["ocupacion"], added["plano"]["name"]) == ("30", "pasaje.pdf")
        value = SubmissionValue.objects.get(submission__case=case, field_id="plano")
        assert value.document is not None
        assert value.document.title == "pasaje.pdf"

    def test_an_official_files_them_with_the_step(self, story: Story) -> None:
        case = begin(
            story, {**report("medir", "revision", "sello"), "form": "medida"}, forms=(form("medida", self.ROWS),)
        )
        task = story.claim(case, "medir")
        data = {"equipos-rows": ["a"], "equipos-a-nombre": "Grúa"}
        answered = desk.Answered(data=data, files={"equipos-a-foto": [_pdf("grua.pdf")]})
        desk.complete(task=task, by=story.user(story.holder(task)), answered=answered, now=story.now)
        value = SubmissionValue.objects.get(submission__case=case, field_id="equipos")
        assert value.document is not None
        assert value.document.title == "grua.pdf"
        assert (value.value or [{}])[0]["foto"]["sha256"] == value.document.sha256
        assert bundle_of(case.version).field("medir.equipos").fields[1].type == "file"


class TestSealed:
    """A group that is sealed: its rows and the names of their files are told to nobody who may not know."""

    ROWS: Any = {
        "id": "hijos", "type": "group", "label": "Hijos", "row_title": "Hijo", "sensitive": True,
        "personal": {"purpose": "Ayudar", "basis": "Ley"},
        "fields": [{"id": "enfermo", "type": "yes_no", "label": "¿Está enfermo?"},
                   {"id": "licencia", "type": "file", "label": "Licencia médica", "accept": ["pdf"],
                    "visible_when": {"all": [{"field": "hijos.enfermo", "op": "eq", "value": True}]}}],
    }  # fmt: skip

    def test_its_rows_are_kept_sealed_with_their_files_beside_them(self, story: Story) -> None:
        case = begin(
            story, {**report("medir", "revision", "sello"), "form": "medida"}, forms=(form("medida", self.ROWS),)
        )
        task = story.claim(case, "medir")
        data = {"hijos-rows": ["a", "b"], "hijos-a-enfermo": "yes", "hijos-b-enfermo": "no"}
        answered = desk.Answered(data=data, files={"hijos-a-licencia": [_pdf("asma.pdf")]})
        desk.complete(task=task, by=story.user(story.holder(task)), answered=answered, now=story.now)
        value = SubmissionValue.objects.get(submission__case=case, field_id="hijos")
        assert (value.value, value.sealed is not None) == (None, True)
        case.refresh_from_db()
        assert "asma" not in str(case.data)
        (shown,) = [
            row for entry in filed(case) for page in entry.pages for row in page.rows if row.field_id == "hijos"
        ]
        assert [name for name, _url, _why in shown.files] == ["asma.pdf"]
        hidden = Reading(case, hides_sensitive=True).filed()
        (told,) = [row for entry in hidden for page in entry.pages for row in page.rows if row.field_id == "hijos"]
        assert (list(told.files), "asma" in told.value) == ([], False)
