"""An official asks to be shown the original of a copy; what came of it stands beside it (Ley 19.880 art. 19 bis)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from documents.models import Document
from jobs.models import Job
from notifications.api import Notified
from notifications.models import Notice
from tests.story import PDF, Story
from tests.workflows.desk import Visitor, at, text_of
from workflows import queries
from workflows.commands import correspondence
from workflows.commands import originals as commands
from workflows.commands.correspondence import CaseEnded
from workflows.commands.notification import record_notification
from workflows.errors import NotAllowed
from workflows.models import Case, CaseParty, Deadline, OriginalRequest

pytestmark = pytest.mark.django_db
WHY = "El timbre de la notaría no se distingue."


def attachment(story: Story, case: Case, who: str = "Ana") -> Document:
    upload = SimpleUploadedFile("contrato.pdf", PDF)
    message = correspondence.write_to_agency(
        case=case, text="Agrego el contrato.", uploads=[upload], by=story.people[who], now=story.now
    )
    return message.documents.get()


def asked(story: Story, case: Case, days: int | None = 5) -> OriginalRequest:
    document = attachment(story, case)
    by = story.people["Beto"]
    return commands.ask_original(case=case, document_id=document.pk, reason=WHY, days=days, by=by, now=story.now)


def close(story: Story, request: OriginalRequest, outcome: str) -> OriginalRequest:
    by = story.people["Beto"]
    said: dict[str, Any] = {"request_id": request.pk, "outcome": outcome, "note": "Se comparó hoja por hoja."}
    return commands.close_request(case=request.case, by=by, now=story.now, **said)


def told(story: Story, case: Case, request: OriginalRequest) -> Deadline:
    """Once the request is sealed, like any act, an official records that Ana was notified in the office."""
    story.work()
    notified = Notified(story.people["Ana"], "office", story.now, "")
    record_notification(case=case, step_id=request.step_id, notified=notified, by=story.people["Beto"], now=story.now)
    request.refresh_from_db()
    assert request.deadline is not None
    return request.deadline


def test_an_official_asks_for_an_original_and_the_person_is_told_r50(
    story: Story, case: Case, visitor: Visitor
) -> None:
    document = attachment(story, case)
    page = at("desk_measure", case.ref, "pedir-original")
    beto = visitor("Beto")
    assert "contrato.pdf" in text_of(beto.get(page))
    assert beto.post(page, {"document": document.pk, "reason": ""}).status_code == 422
    assert beto.post(page, {"document": document.pk, "reason": WHY, "days": "0"}).status_code == 422
    before = set(case.task_set.values_list("pk", "status"))
    assert beto.post(page, {"document": document.pk, "reason": WHY, "days": "5"}).status_code == 302
    assert set(case.task_set.values_list("pk", "status")) == before, "the case goes on as it was"
    request = OriginalRequest.objects.get()
    assert (request.document, request.party.person) == (document, story.people["Ana"])
    assert WHY in str(request.order.content)
    assert request.order.item.seq > document.item.seq
    assert Notice.objects.filter(person=story.people["Ana"], body__contains=WHY).exists()
    mine = text_of(visitor("Ana").get(at("case", case.ref)))
    assert "muestra el original de «contrato.pdf»" in mine
    assert WHY in mine
    desk = text_of(beto.get(at("desk_case", case.ref)))
    assert "Falta que se muestre el original de «contrato.pdf»" in desk
    assert "La solicitud no se detiene" in desk
    assert beto.post(page, {"document": document.pk, "reason": WHY}).status_code == 422, "asked already"


def test_its_time_runs_from_the_legal_notification_and_is_explained_r50(
    story: Story, case: Case, visitor: Visitor
) -> None:
    request = asked(story, case)
    assert request.deadline is not None
    assert request.deadline.state == Deadline.State.WAITING, "an e-mail starts no clock"
    assert "falta notificar" in text_of(visitor("Ana").get(at("case", case.ref)))
    (missing,) = [one for one in queries.missing_notifications(case) if one.step_id == request.step_id]
    assert (missing.document, missing.people) == (request.order, (story.people["Ana"],))
    notify = at("desk_notify", case.ref, request.step_id)
    named = f"Requerimiento de mostrar el original del documento N° {request.document.item.seq}"
    assert named in text_of(visitor("Beto").get(notify))
    clock = told(story, case, request)
    assert (clock.state, clock.due_on.isoformat() if clock.due_on else "") == ("running", "2026-03-11")
    assert visitor("Beto").get(notify).status_code == 404, "told already"
    assert "Tienes hasta el 11 de marzo de 2026" in text_of(visitor("Ana").get(at("case", case.ref)))
    why = text_of(visitor("Ana").get(at("why_this_date", case.ref, clock.pk)))
    assert "artículo 19 bis" in why
    history = text_of(visitor("Beto").get(at("desk_case", case.ref) + "?ver=historial"))
    assert "«el requerimiento de mostrar un original»" in history


def test_who_sees_to_the_case_now_hears_that_the_time_is_over_too_r50(story: Story, case: Case) -> None:
    """Whoever asked may have left: the case went on to somebody else."""
    request = asked(story, case)
    told(story, case, request)
    story.do(case, "admision", resultado="admitir")
    task = story.claim(case, "informe_obras")
    story.now += timedelta(days=8)
    with time_machine.travel(story.now, tick=False):
        story.work()
    over = Notice.objects.filter(subject__contains="para mostrar un original").values_list("person", flat=True)
    assert sorted(over) == sorted([story.people["Beto"].pk, story.people[story.holder(task)].pk])


def test_nobody_is_taken_as_not_showing_it_while_in_time_and_its_end_stops_nothing_r50(
    story: Story, case: Case, visitor: Visitor
) -> None:
    request = asked(story, case)
    with pytest.raises(commands.StillInTime):
        close(story, request, "not_shown")
    told(story, case, request)
    with pytest.raises(commands.StillInTime):
        close(story, request, "not_shown")
    before = set(case.task_set.values_list("pk", "status"))
    story.now += timedelta(days=8)
    with time_machine.travel(story.now, tick=False):
        story.work()
        request.refresh_from_db()
        assert request.deadline is not None
        assert request.deadline.state == Deadline.State.EXPIRED
        assert set(case.task_set.values_list("pk", "status")) == before
        assert Notice.objects.filter(person=story.people["Beto"], subject__contains="para mostrar un original").exists()
        assert "El plazo venció el 11 de marzo de 2026" in text_of(visitor("Beto").get(at("desk_case", case.ref)))
        assert close(story, request, "not_shown").outcome == "not_shown"
    assert not Job.objects.filter(state="dead").exists()


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("equal", "Original: se mostró y es igual a la copia"),
        ("different", "Original: se mostró y es distinto de la copia"),
        ("not_shown", "Original: no se mostró"),
    ],
)
def test_the_outcome_stands_beside_the_file_for_both_sides_r50(
    story: Story, case: Case, visitor: Visitor, outcome: str, said: str
) -> None:
    request = asked(story, case, days=None)
    page = at("desk_measure", case.ref, "registrar-original")
    beto = visitor("Beto")
    given = {"request": request.pk, "outcome": outcome}
    assert beto.post(page, given).status_code == 422, "without what was seen"
    assert beto.post(page, {**given, "reason": "Se comparó hoja por hoja."}).status_code == 302
    request.refresh_from_db()
    assert request.record is not None
    assert "Se comparó hoja por hoja." in str(request.record.content)
    assert request.record.item.seq == case.file.items.latest("seq").seq
    assert said in text_of(beto.get(at("desk_case", case.ref) + "?ver=expediente"))
    assert said in text_of(visitor("Ana").get(at("case", case.ref)))
    assert "Falta que se muestre" not in text_of(beto.get(at("desk_case", case.ref)))
    assert Notice.objects.filter(person=story.people["Ana"], body__contains="Se comparó").exists()
    with pytest.raises(commands.AlreadyClosed):
        close(story, request, outcome)


def test_showing_it_in_time_meets_its_clock_and_it_may_be_asked_again_r50(story: Story, case: Case) -> None:
    request = asked(story, case)
    clock = told(story, case, request)
    close(story, request, "equal")
    clock.refresh_from_db()
    assert clock.state == Deadline.State.MET
    again = commands.ask_original(
        case=case, document_id=request.document_id, reason=WHY, days=None, by=story.people["Beto"], now=story.now
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        OriginalRequest.objects.filter(pk=again.pk).update(outcome="equal")


def test_only_officials_of_the_case_ask_and_only_before_it_ends_r50(story: Story, case: Case, visitor: Visitor) -> None:
    request = asked(story, case, days=None)
    given: Any = {"case": case, "document_id": request.document_id, "reason": WHY, "days": None, "now": story.now}
    with pytest.raises(NotAllowed):
        commands.ask_original(by=story.people["Ana"], **given)
    case.finished = story.now
    case.save(update_fields=["finished"])
    with pytest.raises(CaseEnded):
        commands.ask_original(by=story.people["Beto"], **given)
    with pytest.raises(CaseEnded):
        close(story, request, "equal")
    page = text_of(visitor("Beto").get(at("desk_case", case.ref) + "?ver=expediente"))
    assert "la solicitud terminó sin que conste si se mostró" in page


def test_whoever_handed_the_copy_in_is_asked_and_nobody_else_r50(story: Story, case: Case, visitor: Visitor) -> None:
    carla = CaseParty.objects.create(
        case=case, agency=case.agency, kind="joined", person=story.people["Carla"], joined_at=story.now
    )
    document = attachment(story, case, "Carla")
    request = commands.ask_original(
        case=case, document_id=document.pk, reason=WHY, days=None, by=story.people["Beto"], now=story.now
    )
    assert request.party == carla
    assert "Te toca a ti" not in text_of(visitor("Ana").get(at("case", case.ref)))
    assert "Te toca a ti: muestra el original" in text_of(visitor("Carla").get(at("case", case.ref)))
