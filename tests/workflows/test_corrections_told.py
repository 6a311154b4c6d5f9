"""What somebody who must correct reads: what to correct, and what happened with their answer (Ley 19.880 art. 31)."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import SigningIntent
from notifications.api import Notified
from procedures.api import bundle_of
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.commands.locking import locked
from workflows.commands.notification import record_notification
from workflows.drafts import begin_answer
from workflows.models import Case, CaseTask
from workflows.presenting.history import history
from workflows.queries import correction_to_answer
from workflows.views.filling import filing_confirmed

pytestmark = pytest.mark.django_db


def asked_pages(story: Story, visitor: Visitor, case: Case) -> list[str]:
    """What the person's page of the case says, and then the pages of the form that answers the correction."""
    waiting = correction_to_answer(case)
    assert waiting is not None
    draft = begin_answer(task=waiting.task, by=story.people["Ana"], now=story.now)
    ana = visitor("Ana")
    return [text_of(ana.get(at("case", case.ref))), *(text_of(ana.get(at("page", draft.ref, n))) for n in (1, 2))]


def test_a_general_text_says_what_to_correct_on_the_case_and_on_each_page_r10(story: Story, visitor: Visitor) -> None:
    case = story.file(rol_sii="1-1")
    story.do(case, "admision", resultado="observar", observaciones="Trae el contrato\nfirmado por el dueño.")
    for said in asked_pages(story, visitor, case):
        assert "Trae el contrato firmado por el dueño." in said


def test_what_the_notice_quotes_comes_once_and_before_each_observed_question_r10(
    story: Story, visitor: Visitor
) -> None:
    case = story.file(rol_sii="1-1")
    observed = {"nombre": "Falta tu segundo apellido.", "": "Trae el contrato."}
    story.do(case, "admision", observe=observed, resultado="observar", observaciones="Trae el contrato.")
    for said in asked_pages(story, visitor, case)[:2]:
        assert said.count("Trae el contrato.") == 1
        assert "Tu nombre completo : Falta tu segundo apellido." in said


def test_the_objections_to_an_organisation_are_read_where_they_are_corrected_r10(
    story: Story, visitor: Visitor
) -> None:
    case = story.file("organizacion_comunitaria")
    story.sign(case, "certificado")
    story.work()
    story.do(case, "examen", objeta=True, objeciones="Faltan tres firmas en el acta.")
    for said in asked_pages(story, visitor, case):
        assert "Faltan tres firmas en el acta." in said


def test_what_another_task_wrote_is_not_shown_to_the_person(story: Story, visitor: Visitor) -> None:
    """Only what the notice quotes: an official's grounds are told with the act."""
    case = story.file(rol_sii="1-1")
    story.do(case, "admision", resultado="observar", observaciones="Trae el contrato.")
    waiting = correction_to_answer(case)
    assert waiting is not None
    examination = case.submissions.get(step_id="admision")
    assert {value.field_id for value in examination.values.all()} >= {"resultado", "observaciones"}
    assert "Pedir corrección a la persona" not in text_of(visitor("Ana").get(at("case", case.ref)))


def late(story: Story) -> Case:
    """Ana was notified on 4 March, had until the 11th, and it is the 16th."""
    case = story.file(rol_sii="1-1")
    story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    told = Notified(story.people["Ana"], "office", story.now, "Firmó el libro.")
    record_notification(case=case, step_id="correccion", notified=told, by=story.people["Beto"], now=story.now)
    story.now += timedelta(days=12)
    story.work()
    return case


def test_who_answered_late_reads_that_it_came_and_is_asked_for_nothing_r11(story: Story, visitor: Visitor) -> None:
    case = late(story)
    with time_machine.travel(story.now, tick=False):
        assert "Todavía puedes enviar tu respuesta" in text_of(visitor("Ana").get(at("case", case.ref)))
        waiting = correction_to_answer(case)
        assert waiting is not None
        draft = begin_answer(task=waiting.task, by=story.people["Ana"], now=story.now)
        story.fill(draft, rol_sii="55-5")
        ana = visitor("Ana")
        shown = ana.get(at("sign", draft.ref)).context["shown"]
        ana.post(at("sign", draft.ref), {"shown": shown, "declaro": "1"})
        intent = SigningIntent.objects.latest("pk")
        story.sign_in_for(intent)
        filing_confirmed(ana.get(at("inbox")).wsgi_request, intent)
        said = text_of(visitor("Ana").get(at("case", case.ref)))
    assert "Recibimos tu respuesta el 16 de marzo de 2026, fuera de plazo: una persona decide si la acepta." in said
    assert "Corregir ahora" not in said
    assert "Todavía puedes" not in said


def test_who_decides_after_the_time_reads_when_it_ended_and_finds_the_answer_r11(
    story: Story, visitor: Visitor
) -> None:
    case = late(story)
    task = story.claim(case, "sin_corregir")
    page = at("desk_step", case.ref, task.pk)
    with time_machine.travel(story.now, tick=False):
        official = visitor(story.holder(task))
        said = text_of(official.get(page))
        assert "Notificación a Ana María Pérez Soto 4 de marzo de 2026" in said
        assert "11 de marzo de 2026 Respuesta No respondió." in said
        story.correct(case, rol_sii="55-5")
        answered = official.get(page)
    answer = case.submissions.get(step_id="correccion")
    assert "Respuesta Llegó el 16/03/2026" in text_of(answered)
    html = answered.content.decode()
    assert f'href="#presentacion-{answer.seq}"' in html
    assert f'id="presentacion-{answer.seq}"' in html


def test_a_step_that_no_expired_correction_led_to_tells_nothing_of_one(story: Story, visitor: Visitor) -> None:
    case = late(story)
    story.do(case, "sin_corregir", declara=False)
    task = story.claim(case, "admision")
    with time_machine.travel(story.now, tick=False):
        assert "Venció el plazo para corregir" not in text_of(
            visitor(story.holder(task)).get(at("desk_step", case.ref, task.pk))
        )


def test_the_end_is_called_as_the_procedure_calls_it_with_its_date(story: Story, visitor: Visitor) -> None:
    case = story.file(rol_sii="1-1")
    end = bundle_of(case.version).step("rechazada")
    reached = {"step_id": end.id, "step_kind": "end", "step_title": end.title, "status": "DONE"}
    CaseTask.objects.create(process=case, agency=case.agency, filed_at=story.now, **reached)
    Case.objects.filter(pk=case.pk).update(finished=story.now, outcome="rejected")
    said = text_of(visitor("Ana").get(at("case", case.ref)))
    assert "Tu solicitud terminó el 4 de marzo de 2026: Solicitud rechazada" in said
    assert "Terminada: rechazada" not in said
    told = [
        visitor("Ana").get(at("my_cases")),
        visitor("Ana").post(at("look_up"), {"number": case.number, "ref": case.ref}),
        visitor("Beto").get(at("inbox"), {"ver": "terminadas"}),
        visitor("Beto").get(at("desk_case", case.ref)),
    ]
    assert ["Solicitud rechazada" in text_of(page) for page in told] == [True] * len(told)
    with locked(case.pk, by=None, now=story.now) as run:
        run.record("case.ended", {"outcome": "rejected"})
    case.refresh_from_db()
    assert "Terminó la solicitud: Solicitud rechazada" in [line.what for line in history(case)]
    Case.objects.filter(pk=case.pk).update(outcome="deemed_no")
    said = text_of(visitor("Ana").get(at("case", case.ref)))
    assert "Tu solicitud terminó el 4 de marzo de 2026: Rechazada por silencio" in said


def test_what_follows_without_an_answer_is_called_as_its_procedure_calls_it(story: Story, visitor: Visitor) -> None:
    case = story.file("organizacion_comunitaria")
    story.sign(case, "certificado")
    story.work()
    story.do(case, "examen", objeta=True, objeciones="Faltan tres firmas.")
    told = Notified(story.people["Ana"], "office", story.now, "Firmó el libro.")
    record_notification(case=case, step_id="corregir", notified=told, by=story.people["Gloria"], now=story.now)
    said = text_of(visitor("Ana").get(at("case", case.ref)))
    assert "lo que sigue es: «Venció el plazo para corregir: se decide si sigue»" in said
    assert "desistido" not in said
