"""Officials' pages: the bandeja, who sees a case, taking a step and answering it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.api import appoint
from audit.models import Event
from documents.models import Blob, Document, DocumentAccess
from procedures.api import publish
from tests.story import PDF, Story
from tests.workflows.desk import Visitor, at, post_answers, text_of
from workflows import registry
from workflows.models import Case, CaseAccess, CaseTask
from workflows.operations import reads_stream
from workflows.sample import EXAMPLES

pytestmark = pytest.mark.django_db


def admission(story: Story, case: Case, who: str = "Beto") -> CaseTask:
    return story.claim(case, "admision", who)


class TestTheBandeja:
    def test_it_lists_what_waits_for_my_group_with_its_deadline_in_words(self, case: Case, visitor: Visitor) -> None:
        page = visitor("Beto").get(at("inbox"), {"ver": "grupo"})
        said = text_of(page)
        assert page.status_code == 200
        assert case.number in said
        assert "Ana María Pérez Soto" in said
        assert "3 días hábiles" in said

    @pytest.mark.parametrize("wanted", ["²", "9" * 30, "9" * 5000, "-1", "x"])
    def test_a_procedure_that_is_no_number_of_ours_is_no_filter(
        self, case: Case, visitor: Visitor, wanted: str
    ) -> None:
        page = visitor("Beto").get(at("inbox"), {"ver": "grupo", "tramite": wanted})
        assert page.status_code == 200
        assert case.number in text_of(page)

    def test_lists_compile_no_procedure(self, case: Case, visitor: Visitor, monkeypatch: Any) -> None:
        client = visitor("Beto")
        monkeypatch.setattr(registry, "_flows", {})
        for tab in ("mias", "grupo", "esperan", "otros", "terminadas", "incidentes"):
            assert client.get(at("inbox"), {"ver": tab}).status_code == 200
        assert registry._flows == {}

    def test_a_longer_list_asks_the_database_no_more(
        self, story: Story, case: Case, visitor: Visitor, django_assert_max_num_queries: Any
    ) -> None:
        for _case in range(4):
            story.file(who="Bruno")
        client = visitor("Beto")
        with django_assert_max_num_queries(30):
            client.get(at("inbox"), {"ver": "grupo"})

    def test_the_next_one_is_the_one_that_entered_first(self, story: Story, case: Case, visitor: Visitor) -> None:
        """R21."""
        story.now += timedelta(minutes=5)
        story.file(who="Bruno")
        answer = visitor("Beto").post(at("take_next"))
        task = CaseTask.objects.get(process=case, step_id="admision")
        assert answer["Location"] == at("desk_step", case.ref, task.pk)
        assert task.owner == story.user("Beto")

    def test_with_nothing_to_take_it_says_so(self, story: Story, visitor: Visitor) -> None:
        page = visitor("Beto").post(at("take_next"), follow=True)
        assert "No hay solicitudes por tomar" in text_of(page)

    def test_a_late_step_says_how_many_business_days(self, story: Story, case: Case, visitor: Visitor) -> None:
        with time_machine.travel(story.now + timedelta(days=9), tick=False):
            said = text_of(visitor("Beto").get(at("inbox"), {"ver": "grupo"}))
        assert "atrasado 4 días hábiles" in said

    def test_a_case_is_found_by_its_number_in_any_state(self, case: Case, visitor: Visitor) -> None:
        said = text_of(visitor("Elena").get(at("inbox"), {"q": case.number}))
        assert case.number in said
        assert "En trámite" in said

    def test_whoever_has_no_role_gets_a_refusal_in_spanish(self, case: Case, visitor: Visitor) -> None:
        page = visitor("Ana").get(at("inbox"))
        assert page.status_code == 403
        assert "No puedes ver esta página" in text_of(page)

    def test_signing_in_comes_first(self, story: Story) -> None:
        assert Client().get(at("inbox")).status_code == 302


class TestWhoSeesACase:
    @pytest.mark.parametrize("who", ["Ana", "Bruno", "Hugo", "Julia"])
    def test_for_whoever_is_not_linked_the_case_does_not_exist(self, case: Case, visitor: Visitor, who: str) -> None:
        """R44: the applicant, a stranger, another agency's official, another unit's."""
        client = visitor(who)
        task = CaseTask.objects.get(process=case, step_id="admision")
        document = Document.objects.filter(file=case.file).first()
        assert document is not None
        assert client.get(at("desk_case", case.ref)).status_code == 404
        assert client.get(at("desk_step", case.ref, task.pk)).status_code == 404
        assert client.post(at("desk_claim", case.ref, task.pk)).status_code == 404
        assert client.get(at("desk_document", case.ref, document.pk)).status_code == 404
        assert client.get(at("desk_notify", case.ref, "correccion")).status_code == 404
        assert CaseTask.objects.get(pk=task.pk).owner is None

    @pytest.mark.parametrize("who", ["Beto", "Carla", "Dora", "Elena", "Fabián", "Gloria"])
    def test_every_role_of_the_procedure_reads_it(self, case: Case, visitor: Visitor, who: str) -> None:
        assert visitor(who).get(at("desk_case", case.ref)).status_code == 200

    def test_opening_a_case_is_recorded_with_the_post(self, story: Story, case: Case, visitor: Visitor) -> None:
        """R40."""
        visitor("Carla").get(at("desk_case", case.ref))
        access = CaseAccess.objects.get(case=case, person=story.people["Carla"])
        assert access.membership is not None
        assert access.membership.post == "Revisora de Obras"
        assert Event.objects.filter(stream=reads_stream(case), kind="case.read").count() == 1

    def test_opening_a_document_is_recorded_and_the_browser_may_run_nothing_of_it(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        """R40."""
        upload = Document.objects.filter(file=case.file, kind="attachment").first()
        assert upload is not None
        page = visitor("Beto").get(at("desk_document", case.ref, upload.pk))
        assert page["Content-Type"] == "application/pdf"
        assert page["X-Content-Type-Options"] == "nosniff"
        assert page["Content-Security-Policy"].startswith("default-src 'none'")
        access = DocumentAccess.objects.get(document=upload)
        assert (access.person, access.through) == (story.people["Beto"], "desk")

    @pytest.mark.parametrize("section", ["solicitud", "expediente", "plazos", "envios", "historial", "nada"])
    def test_each_tab_has_an_address(self, story: Story, case: Case, visitor: Visitor, section: str) -> None:
        story.work()
        page = visitor("Beto").get(at("desk_case", case.ref), {"ver": section})
        assert page.status_code == 200

    def test_nobody_answers_a_step_of_another_role(self, story: Story, case: Case, visitor: Visitor) -> None:
        task = admission(story, case)
        page = post_answers(visitor("Carla"), story, case, task, resultado="admitir")
        assert page.status_code == 409
        assert "No tienes permiso" in text_of(page)
        assert CaseTask.objects.get(pk=task.pk).status == "ASSIGNED"


class TestTakingAStep:
    def test_out_of_order_it_needs_a_reason_that_stays_in_the_file(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        """R21."""
        story.now += timedelta(minutes=5)
        later = story.file(who="Bruno")
        task = CaseTask.objects.get(process=later, step_id="admision")
        client = visitor("Beto")
        refused = client.post(at("desk_claim", later.ref, task.pk))
        assert refused.status_code == 409
        assert "más antiguas" in text_of(refused)
        order = "Orden de la jefatura por riesgo sanitario."
        empty = client.post(at("desk_claim", later.ref, task.pk), {"orden": " "})
        assert (empty.status_code, "Escribe la orden fundada" in text_of(empty)) == (409, True)
        assert client.post(at("desk_claim", later.ref, task.pk), {"orden": order}).status_code == 302
        history = text_of(client.get(at("desk_case", later.ref), {"ver": "historial"}))
        assert order in history

    def test_a_colleague_learns_who_has_it(self, story: Story, case: Case, visitor: Visitor) -> None:
        colleague(story)
        task = admission(story, case)
        page = visitor("Bruno").post(at("desk_claim", case.ref, task.pk))
        assert page.status_code == 409
        assert "Beto Araya Molina tiene este paso" in text_of(page)

    def test_a_released_step_is_everybodys_again(self, story: Story, case: Case, visitor: Visitor) -> None:
        task = admission(story, case)
        visitor("Beto").post(at("desk_release", case.ref, task.pk))
        assert CaseTask.objects.get(pk=task.pk).owner is None


def colleague(story: Story) -> None:
    """Bruno joins Beto's unit for the day."""
    role = story.people["Beto"].memberships.get().role
    day = story.now.date()
    appoint(person=story.people["Bruno"], role=role, post="Revisor (S)", starts_on=day, by="test", now=story.now)


class TestAnsweringAStep:
    def test_the_page_shows_the_answers_and_what_happens_next(self, story: Story, case: Case, visitor: Visitor) -> None:
        task = admission(story, case)
        said = text_of(visitor("Beto").get(at("desk_step", case.ref, task.pk)))
        assert "Rol de avalúo de la propiedad" in said
        assert "Con observaciones: se pide a la persona que corrija («Corregir la solicitud»)" in said
        assert "Guardar y continuar" in said

    def test_an_answer_that_is_missing_keeps_everything_typed(self, story: Story, case: Case, visitor: Visitor) -> None:
        task = admission(story, case)
        client = visitor("Beto")
        page = post_answers(
            client, story, case, task, {"rol_sii": "Falta el guion."}, resultado="observar", observaciones=""
        )
        assert page.status_code == 422
        html = page.content.decode()
        assert "<title>Error:" in html
        assert "Falta el guion." in html
        assert 'value="observar" id="q-resultado_1" checked' in html

    def test_an_answer_that_opens_a_question_brings_the_page_back_without_blame(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        task = admission(story, case)
        page = visitor("Beto").post(
            at("desk_step", case.ref, task.pk), {"resultado": "observar", "_visto": ["resultado"]}
        )
        assert page.status_code == 200
        assert "Necesitamos un dato más" in text_of(page)

    def test_remarks_travel_question_by_question_to_the_person(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        """R10."""
        task = admission(story, case)
        post_answers(
            visitor("Beto"),
            story,
            case,
            task,
            {"rol_sii": "Falta el guion.", "": "Revisa también el resto."},
            resultado="observar",
            observaciones="Corrige.",
        )
        correction = CaseTask.objects.get(process=case, step_id="correccion")
        assert dict(correction.correction_items.values_list("field_id", "text")) == {
            "rol_sii": "Falta el guion.",
            "": "Revisa también el resto.",
        }

    def test_remarks_that_nobody_would_see_stop_the_step(self, story: Story, case: Case, visitor: Visitor) -> None:
        task = admission(story, case)
        page = post_answers(visitor("Beto"), story, case, task, {"rol_sii": "Falta el guion."}, resultado="admitir")
        assert page.status_code == 409
        assert "Escribiste observaciones" in text_of(page)
        assert "Falta el guion." in page.content.decode()
        assert CaseTask.objects.get(pk=task.pk).status == "ASSIGNED"

    def test_a_second_click_finds_the_step_done_and_changes_nothing(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        task = admission(story, case)
        client = visitor("Beto")
        first = post_answers(client, story, case, task, resultado="admitir")
        second = post_answers(client, story, case, task, resultado="rechazar", fundamento="No.")
        assert (first.status_code, second.status_code) == (302, 409)
        assert "ya resolvió este paso" in text_of(second)
        assert case.submissions.filter(step_id="admision").count() == 1

    def test_what_a_correction_changed_is_shown_beside_what_it_said(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        story.do(case, "admision", {"rol_sii": "Falta el guion."}, resultado="observar", observaciones="Corrige.")
        story.correct(case, rol_sii="1234-56")
        said = text_of(visitor("Beto").get(at("desk_case", case.ref)))
        assert "Falta el guion. 1-1 1234-56" in said
        assert "corregida" in said

    def test_a_second_examination_begins_with_a_blank_form(self, story: Story, case: Case, visitor: Visitor) -> None:
        story.do(case, "admision", resultado="observar", observaciones="Corrige el rol.")
        story.correct(case, rol_sii="1234-56")
        task = admission(story, case)
        html = visitor("Beto").get(at("desk_step", case.ref, task.pk)).content.decode()
        assert 'id="q-resultado_1" checked' not in html


class TestFilesOfOfficials:
    """A report may carry a file: it enters the electronic file with the answer, or not at all."""

    @pytest.fixture
    def reporting(self, story: Story) -> tuple[Case, CaseTask]:
        text = (EXAMPLES / "patente_comercial.yaml").read_text(encoding="utf-8")
        asked = "{id: zona, type: text"
        assert asked in text
        plan = "{id: plano_visado, type: file, label: Plano visado}\n          - "
        publish(
            text=text.replace(asked, plan + asked),
            agency=story.agency,
            by=None,
            now=story.now,
            role_bindings={b.slot: b.role for b in story.offering("patente_comercial").role_bindings.all()},
            effective_from=story.now.date(),
        )
        case = story.file()
        story.do(case, "admision", resultado="admitir")
        return case, story.claim(case, "informe_obras")

    def posted(self, **other: Any) -> dict[str, Any]:
        seen = ["favorable", "plano_visado", "zona", "fundamento"]
        return {"favorable": "si", "zona": "ZU-1", "fundamento": "Cumple.", "_visto": seen, **other}

    def test_the_file_enters_the_electronic_file(
        self, story: Story, reporting: tuple[Case, CaseTask], visitor: Visitor
    ) -> None:
        case, task = reporting
        data = self.posted(plano_visado=SimpleUploadedFile("plano.pdf", PDF))
        data["favorable"] = story.posted(case, "informe_obras", {"favorable": True})["favorable"]
        client = visitor("Carla")
        assert client.post(at("desk_step", case.ref, task.pk), data).status_code == 302
        plan = Document.objects.get(file=case.file, title="plano.pdf")
        assert (plan.item.direction, plan.item.entered_by) == ("internal", "Carla Muñoz Leiva")
        assert at("desk_document", case.ref, plan.pk) in client.get(at("desk_case", case.ref)).content.decode()

    def test_with_another_answer_missing_nothing_is_kept_and_the_page_says_so(
        self, story: Story, reporting: tuple[Case, CaseTask], visitor: Visitor
    ) -> None:
        case, task = reporting
        data = self.posted(plano_visado=SimpleUploadedFile("plano.pdf", PDF), fundamento="")
        page = visitor("Carla").post(at("desk_step", case.ref, task.pk), data)
        assert page.status_code == 422
        assert "Elige otra vez el archivo" in text_of(page)
        assert not Document.objects.filter(file=case.file, title="plano.pdf").exists()


@pytest.mark.parametrize(("scan", "words"), [("pending", "Se está revisando"), ("infected", "nadie puede abrirlo")])
def test_a_file_in_quarantine_says_so_beside_its_answer_and_leads_nowhere(
    case: Case, visitor: Visitor, scan: str, words: str
) -> None:
    upload = Document.objects.filter(file=case.file, kind="attachment").earliest("pk")
    assert upload.blob is not None
    Blob.objects.filter(pk=upload.blob.pk).update(scan=scan)
    beto = visitor("Beto")
    for section in ("solicitud", "expediente"):
        page = beto.get(at("desk_case", case.ref), {"ver": section})
        assert words in text_of(page)
        assert at("desk_document", case.ref, upload.pk) not in page.content.decode()
