"""Officials' pages: who sees what, the way from the bandeja to a signed decree, and what a page refuses."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.api import appoint
from audit.models import Event
from documents.models import Document, DocumentAccess
from tests.story import Story
from tests.workflows.desk import Visitor, at, confirm_identity, post_answers, text_of
from workflows import registry
from workflows.models import Case, CaseAccess, CaseTask, Deadline

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(story: Story) -> Case:
    """Ana's application for a licence, just filed."""
    return story.file(rol_sii="1-1")


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

    def test_lists_compile_no_procedure(self, case: Case, visitor: Visitor, monkeypatch: Any) -> None:
        client = visitor("Beto")
        monkeypatch.setattr(registry, "_flows", {})
        for tab in ("mias", "grupo", "esperan", "terminadas", "incidentes"):
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
        assert Event.objects.filter(stream=f"reads:{case.agency_id}", kind="case.read").count() == 1

    def test_opening_a_document_is_recorded_and_the_browser_may_run_nothing_of_it(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        """R40."""
        upload = Document.objects.filter(file=case.file, kind="attachment").first()
        assert upload is not None
        page = visitor("Beto").get(at("desk_document", case.ref, upload.pk))
        assert page["Content-Type"] == "application/pdf"
        assert page["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in page["Content-Security-Policy"]
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


class TestNotifying:
    @pytest.fixture
    def observed(self, story: Story, case: Case) -> Case:
        story.do(case, "admision", resultado="observar", observaciones="Corrige.")
        return case

    def test_the_case_says_that_the_clock_has_not_started(self, observed: Case, visitor: Visitor) -> None:
        said = text_of(visitor("Beto").get(at("desk_case", observed.ref)))
        assert "El plazo no ha empezado: falta notificar" in said

    def test_the_page_offers_a_copy_and_says_what_it_starts(self, observed: Case, visitor: Visitor) -> None:
        """R32."""
        said = text_of(visitor("Beto").get(at("desk_notify", observed.ref, "correccion")))
        assert "ofrécele una copia" in said
        assert "Corregir la solicitud: 5 días hábiles" in said

    def stated(self, story: Story, **other: str) -> dict[str, str]:
        ana = str(story.people["Ana"].pk)
        return {"person": ana, "medium": "office", "day": "2026-03-04", "hour": "10:00", "evidence": "", **other}

    def test_the_dates_can_be_seen_before_anything_is_recorded(
        self, story: Story, observed: Case, visitor: Visitor
    ) -> None:
        page = visitor("Beto").post(
            at("desk_notify", observed.ref, "correccion"), {**self.stated(story), "calcular": "1"}
        )
        assert "vence el 11 de marzo de 2026" in text_of(page)
        assert Deadline.objects.get(case=observed, step_id="correccion").state == "waiting"
        assert not observed.file.notifications.exists()

    def test_recording_it_starts_the_clock(self, story: Story, observed: Case, visitor: Visitor) -> None:
        """R27, R32."""
        page = visitor("Beto").post(
            at("desk_notify", observed.ref, "correccion"), {**self.stated(story), "registrar": "1"}, follow=True
        )
        assert "vence el 11 de marzo de 2026" in text_of(page)
        clock = Deadline.objects.get(case=observed, step_id="correccion")
        assert (clock.state, str(clock.due_on)) == ("running", "2026-03-11")
        record = observed.file.notifications.get()
        assert (record.recorded_by, record.medium) == (story.people["Beto"], "office")

    @pytest.mark.parametrize(
        ("other", "words"),
        [
            ({"day": "2026-03-05"}, "no pueden ser futuras"),
            ({"medium": "letter"}, "Falta la prueba"),
            ({"day": ""}, "Escribe la fecha"),
            ({"hour": "diez"}, "Escribe la hora como 15:30"),
        ],
    )
    def test_a_statement_that_cannot_be_is_refused_in_words(
        self, story: Story, observed: Case, visitor: Visitor, other: dict[str, str], words: str
    ) -> None:
        data = {**self.stated(story, **other), "registrar": "1"}
        page = visitor("Beto").post(at("desk_notify", observed.ref, "correccion"), data)
        assert page.status_code == 422
        assert words in text_of(page)
        assert not observed.file.notifications.exists()

    def test_what_was_notified_already_is_not_offered_again(
        self, story: Story, observed: Case, visitor: Visitor
    ) -> None:
        client = visitor("Beto")
        client.post(at("desk_notify", observed.ref, "correccion"), {**self.stated(story), "registrar": "1"})
        assert client.get(at("desk_notify", observed.ref, "correccion")).status_code == 404


class TestTheWholeDesk:
    def decide(self, story: Story, case: Case, visitor: Visitor) -> None:
        for step, who, answers in (
            ("admision", "Beto", {"resultado": "admitir"}),
            ("informe_obras", "Carla", {"favorable": True}),
            ("informe_salud", "Dora", {"favorable": True}),
            ("decision", "Elena", {"aprueba": True}),
        ):
            client = visitor(who)
            taken = client.post(at("take_next"))
            task = story.task(case, step)
            assert taken["Location"] == at("desk_step", case.ref, task.pk)
            assert post_answers(client, story, case, task, **answers).status_code == 302

    def sign(self, story: Story, case: Case, client: Client, step: str = "firma_decreto") -> None:
        client.post(at("take_next"))
        task = story.task(case, step)
        shown = Document.objects.get(pk=task.data["document"]).content_sha256
        answer = client.post(at("desk_sign", case.ref, task.pk), {"shown": shown})
        assert answer.status_code == 302
        assert "confirmar" in answer["Location"]
        assert confirm_identity(client, story)["Location"] == at("desk_step", case.ref, task.pk)

    def test_from_the_bandeja_to_a_decree_signed_by_both(self, story: Story, case: Case, visitor: Visitor) -> None:
        self.decide(story, case, visitor)
        beto = visitor("Beto")
        beto.post(at("take_next"))
        draft = story.task(case, "redaccion_decreto")
        page = beto.get(at("desk_step", case.ref, draft.pk))
        assert "Sin cambios respecto de la plantilla" in text_of(page)
        texts = {"bloque-0": "Vistos y teniendo presente"}
        saved = beto.post(at("desk_step", case.ref, draft.pk), {**texts, "guardar": "1"}, follow=True)
        assert "<ins>" in saved.content.decode()
        assert beto.post(at("desk_step", case.ref, draft.pk), {**texts, "enviar": "1"}).status_code == 302
        fabian = visitor("Fabián")
        self.sign(story, case, fabian)
        task = story.task(case, "firma_decreto")
        waiting = fabian.get(at("desk_step", case.ref, task.pk))
        assert "Firmando…" in text_of(waiting)
        state = at("desk_signing_state", case.ref, task.pk)
        assert state in waiting.content.decode()
        assert "Firmando…" in text_of(fabian.get(state))
        story.work()
        assert "quedó firmado" in text_of(fabian.get(state))
        gloria = visitor("Gloria")
        self.sign(story, case, gloria)
        story.work()
        case.refresh_from_db()
        assert (case.status, case.outcome) == ("DONE", "approved")
        done = text_of(gloria.get(at("desk_case", case.ref), {"ver": "expediente"}))
        assert "Decreto que otorga patente comercial definitiva N° 1" in done
        assert "aprobada" in done

    def drafted(self, story: Story, case: Case, visitor: Visitor) -> CaseTask:
        self.decide(story, case, visitor)
        story.finish_draft(case, "redaccion_decreto")
        return story.claim(case, "firma_decreto")

    def test_an_act_that_changed_after_it_was_read_is_not_signed(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        task = self.drafted(story, case, visitor)
        page = visitor("Fabián").post(at("desk_sign", case.ref, task.pk), {"shown": "0" * 64})
        assert page.status_code == 409
        assert "El documento cambió" in text_of(page)

    def test_an_act_goes_back_to_who_wrote_it_with_the_reason(self, story: Story, case: Case, visitor: Visitor) -> None:
        task = self.drafted(story, case, visitor)
        fabian = visitor("Fabián")
        empty = fabian.post(at("desk_send_back", case.ref, task.pk), {"motivo": " "})
        assert empty.status_code == 409
        assert "Escribe por qué devuelves" in text_of(empty)
        fabian.post(at("desk_send_back", case.ref, task.pk), {"motivo": "Falta citar la ordenanza."})
        again = story.claim(case, "redaccion_decreto")
        assert "Falta citar la ordenanza." in text_of(visitor("Beto").get(at("desk_step", case.ref, again.pk)))

    def test_a_citizens_braces_neither_stop_nor_fill_the_act(self, story: Story, visitor: Visitor) -> None:
        case = story.file(peticion="Quiero {mi patente} y {act.number|nada}")
        self.decide(story, case, visitor)
        story.finish_draft(case, "redaccion_decreto", {0: "Vistos"})
        story.sign(case, "firma_decreto")
        document = Document.objects.get(file=case.file, kind="decree")
        assert "{mi patente} y {act.number|nada}" in str(document.content)

    def test_the_preview_is_a_pdf_without_a_code(self, story: Story, case: Case, visitor: Visitor) -> None:
        task = self.drafted(story, case, visitor)
        page = visitor("Fabián").get(at("desk_preview", case.ref, task.pk))
        assert page.status_code == 200
        assert page.content.startswith(b"%PDF")
