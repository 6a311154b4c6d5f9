"""A paper for a correction, brought once that was answered or decided (Ley 19.880 arts. 10, 17 g, 53, 59, 62)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from documents.api import items_of
from notifications.models import Notice
from tests.story import PDF, Story
from tests.workflows.desk import Visitor, at, text_of
from tests.workflows.test_paper_answers import (
    CHILE,
    DECIDES,
    PROOF,
    attended,
    case,
    expired,
    julia,
    kinds,
    scan,
    told_at_the_office,
    typed,
)
from workflows.commands import overlooked, paper_answers
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Attendance, Case, CaseParty, OverlookedPaper, PaperAnswer
from workflows.papers import OnPaper
from workflows.uploads import keep_paper

__all__ = ["case"]
pytestmark = pytest.mark.django_db


def decided(story: Story, case: Case) -> None:
    """Nobody answered in time, and it was declared so: nothing waits for the person any more."""
    expired(story, case)
    story.do(case, DECIDES, declara=True, fundamento="No corrigió.")


def keep(story: Story, case: Case, received_at: datetime, data: bytes = PDF) -> OverlookedPaper:
    by, upload = story.people["Julia"], SimpleUploadedFile("respuesta.pdf", data)
    brought = OnPaper(keep_paper(upload, now=story.now), received_at)
    return overlooked.keep(
        attendance=attended(story), case=case, paper=brought, by=by, on=story.now.date(), now=story.now
    )


def test_a_paper_received_in_time_and_typed_once_it_was_decided_is_kept_and_both_sides_know_r2_r6(
    story: Story, case: Case, visitor: Visitor
) -> None:
    received = story.now
    decided(story, case)
    with pytest.raises(paper_answers.NothingToCorrect):
        typed(story, case)
    made = keep(story, case, received)
    assert (made.is_in_time, made.outcome) == (True, "waiting")
    entered = {item.document.pk: item for item in items_of(case.file)}
    scanned = entered[made.document_id]
    assert (scanned.received_at, scanned.entered_at, scanned.origin) == (received, story.now, "scan")
    assert made.receipt_id in entered, "the person takes a receipt with them"
    assert "counter.overlooked_in_time" in kinds(case)
    with pytest.raises(overlooked.AlreadyKept):
        keep(story, case, received)
    with time_machine.travel(story.now, tick=False):
        for who in ("Beto", "Elena"):
            assert Notice.objects.filter(person=story.people[who], subject__startswith="Un papel que llegó").exists()
            page = text_of(visitor(who).get(at("desk_case", case.ref)))
            assert "Un papel llegó a tiempo y no se consideró" in page
        assert "Un papel tuyo llegó a tiempo" in text_of(visitor("Bruno").get(at("case", case.ref)))


def test_what_is_done_with_it_is_a_reasoned_record_that_the_person_is_told_also_once_the_case_ended_art_62(
    story: Story, case: Case, visitor: Visitor
) -> None:
    received = story.now
    decided(story, case)
    story.finish_draft(case, "redaccion_desistimiento")
    for _signer in range(2):
        story.sign(case, "firma_desistimiento")
        story.work()
    case.refresh_from_db()
    assert case.finished is not None
    made = keep(story, case, received)
    assert made.is_in_time
    give: Any = {"case": case, "paper_id": made.pk, "reason": "Corrigió a tiempo.", "now": story.now}
    with pytest.raises(NotAllowed):
        overlooked.answer(outcome="rectified", by=story.people["Hugo"], **give)
    with pytest.raises(overlooked.NotOpenAnyMore):
        overlooked.answer(outcome="considered", by=story.people["Elena"], **give)
    with pytest.raises(CommandRefused):
        overlooked.answer(outcome="appeal", by=story.people["Elena"], **give)
    with time_machine.travel(story.now, tick=False):
        elena, way = visitor("Elena"), at("desk_measure", case.ref, "papel-sin-considerar")
        asked = text_of(elena.get(way))
        assert "art. 53" in asked
        assert "Se considera al resolver" not in asked
        assert "Se considera en el recurso" not in asked, "nobody appealed"
        data = {"paper": str(made.pk), "outcome": "invalidation", "reason": "Corrigió a tiempo."}
        assert elena.post(way, data).status_code == 302
        assert elena.get(way).status_code == 404, "nothing is left to say"
        assert "no se consideró" not in text_of(elena.get(at("desk_case", case.ref)))
    made.refresh_from_db()
    record = made.record
    assert record is not None
    assert record.item.entered_at == story.now
    assert "audiencia previa (Ley 19.880, art. 53)" in str(record.content)
    told = Notice.objects.get(person=story.people["Bruno"], subject__startswith="Qué se hace con tu papel")
    assert "Corrigió a tiempo." in told.body
    with pytest.raises(overlooked.AlreadyAnswered):
        overlooked.answer(outcome="rectified", by=story.people["Elena"], **give)


def test_a_paper_that_came_too_late_is_kept_as_such(story: Story, case: Case) -> None:
    decided(story, case)
    made = keep(story, case, story.now)
    assert not made.is_in_time
    assert "counter.overlooked" in kinds(case)


def test_what_is_decided_while_the_official_types_loses_no_paper_r2(story: Story, case: Case) -> None:
    draft = typed(story, case)
    story.fill(draft)
    received = story.now
    expired(story, case)
    with time_machine.travel(story.now, tick=False):
        client, local = julia(story), received.astimezone(CHILE)
        sent = {"day": f"{local:%d/%m/%Y}", "hour": f"{local:%H:%M}", "conforms": "on", "paper": scan()}
        way = at("counter_paper", draft.attendance_id, draft.ref)
        story.do(case, DECIDES, declara=True, fundamento="No corrigió.")
        assert client.post(way, sent)["Location"] == at("counter_attendance", draft.attendance_id)
        page = text_of(client.get(at("counter_attendance", draft.attendance_id)))
    assert "Mientras lo escribías se resolvió sin él" in page
    assert "Papel guardado en el expediente" in page
    assert OverlookedPaper.objects.get().is_in_time
    assert not PaperAnswer.objects.exists()


def test_the_counter_comes_to_it_by_the_number_of_the_paper(story: Story, case: Case) -> None:
    received = story.now
    decided(story, case)
    with time_machine.travel(story.now, tick=False):
        client = julia(story)
        here = client.post(at("counter"), {"run": "42222222-7", **PROOF})["Location"]
        found = client.post(f"{here}corregir/", {"number": case.number}, follow=True)
        assert "Guardar un papel que no se consideró" in text_of(found)
        way = found.redirect_chain[-1][0]
        assert client.post(way, {}).status_code == 422
        local = received.astimezone(CHILE)
        sent = {"day": f"{local:%d/%m/%Y}", "hour": f"{local:%H:%M}", "conforms": "on", "paper": scan()}
        assert client.post(way, sent)["Location"] == here
        story.work()
        page = text_of(client.get(here))
        assert "Llegó a tiempo y no se consideró" in page
        receipt = client.get(
            at("counter_overlooked_receipt", Attendance.objects.get().pk, OverlookedPaper.objects.get().pk)
        )
        assert (receipt.status_code, receipt["Content-Type"]) == (200, "application/pdf")


def corrected(story: Story, case: Case) -> None:
    """Bruno answered on his own page, and an official looks at it."""
    told_at_the_office(story, case)
    story.correct(case, "Bruno", direccion="Los Aromos 455")
    case.refresh_from_db()
    story.now += timedelta(hours=2)


def test_a_paper_brought_once_the_correction_was_answered_is_added_and_nobody_says_it_was_decided_r2(
    story: Story, case: Case, visitor: Visitor
) -> None:
    corrected(story, case)
    with time_machine.travel(story.now, tick=False):
        page = text_of(visitor("Julia").get(at("counter_overlooked", attended(story).pk, case.ref)))
    assert "ya se respondió y todavía no se resuelve" in page
    made = keep(story, case, story.now)
    assert made.outcome == "added"
    assert "se debe considerar al resolver" in str(made.receipt.content)
    assert "ya se había resuelto" not in str(made.receipt.content)
    assert made.document_id in {item.document.pk for item in items_of(case.file)}
    assert kinds(case).count("counter.paper_added") == 1
    told = Notice.objects.get(person=story.people["Bruno"], subject__startswith="Recibimos tu papel")
    assert "quien resuelve debe considerarlo (Ley 19.880, arts. 10 y 17 g)" in told.body
    assert "resuelto" not in told.body
    assert Notice.objects.filter(person=story.people["Beto"], subject__startswith="Agregaron un papel").exists()
    with pytest.raises(overlooked.AlreadyAnswered):
        overlooked.answer(
            case=case, paper_id=made.pk, outcome="stands", reason="x", by=story.people["Elena"], now=story.now
        )
    with time_machine.travel(story.now, tick=False):
        assert "no se consideró" not in text_of(visitor("Beto").get(at("desk_case", case.ref)))
        here = text_of(visitor("Julia").get(at("counter_attendance", made.attendance_id)))
    assert "Quedó agregado" in here
    assert "Todavía no se resuelve: lo considerarán al resolver" in here


def test_nobody_says_that_a_paper_was_added_of_one_that_was_decided_without_it(story: Story, case: Case) -> None:
    decided(story, case)
    made = keep(story, case, story.now)
    for outcome in ("added", "waiting"):
        with pytest.raises(CommandRefused):
            overlooked.answer(
                case=case, paper_id=made.pk, outcome=outcome, reason="x", by=story.people["Elena"], now=story.now
            )


def test_who_brought_the_paper_is_told_where_nobody_applied_r2(story: Story, case: Case, visitor: Visitor) -> None:
    received = story.now
    decided(story, case)
    case.parties.update(kind="affected")
    CaseParty.objects.create(
        case=case, agency=case.agency, kind="affected", person=story.people["Carla"], joined_at=story.now
    )
    made = keep(story, case, received)
    with time_machine.travel(story.now, tick=False):
        assert "Un papel tuyo llegó a tiempo" in text_of(visitor("Bruno").get(at("case", case.ref)))
        assert "Un papel tuyo" not in text_of(visitor("Carla").get(at("case", case.ref)))
    overlooked.answer(
        case=case, paper_id=made.pk, outcome="stands", reason="No cambia.", by=story.people["Elena"], now=story.now
    )
    bruno = Notice.objects.filter(person=story.people["Bruno"]).order_by("pk").values_list("subject", flat=True)
    assert [subject.split(":")[0] for subject in bruno][-2:] == ["Recibimos tu papel", "Qué se hace con tu papel"]
    assert not Notice.objects.filter(person=story.people["Carla"], subject__contains="papel").exists()
