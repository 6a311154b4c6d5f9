"""What the counter shows of a correction to be answered on paper, and what the person takes home."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.api import bundle_of
from workflows.access import correctable_by
from workflows.commands import overlooked
from workflows.models import Attendance, Case, CaseTask, OverlookedPaper
from workflows.presenting import remarks
from workflows.presenting.language import case_title
from workflows.presenting.words import moment
from workflows.queries import WaitingCorrection, correction_to_answer


def to_correct(attendance: Attendance) -> list[dict[str, Any]]:
    """The corrections that whoever is at the counter is asked for, to be answered with their paper here."""
    if attendance.is_by_phone or not attendance.is_identified or attendance.ended_at is not None:
        return []
    asked = CaseTask.objects.filter(step_kind="correction", process__finished=None)
    mine = correctable_by(attendance.person).filter(pk__in=asked.values("process")).defer("flow_class")
    return list(_lines(attendance, mine.select_related("agency", "version").order_by("number")))


def _lines(attendance: Attendance, cases: Any) -> Iterator[dict[str, Any]]:
    for case in cases:
        waiting = correction_to_answer(case)
        if waiting is not None:
            is_here = case.agency_id == attendance.agency_id
            yield {
                "number": case.number,
                "title": case_title(case),
                "agency": case.agency.name,
                "is_late": waiting.is_late,
                "last_day": _last_day(waiting),
                "url": reverse("workflows:counter_correction", args=[attendance.pk, case.ref]) if is_here else "",
            }


def _last_day(waiting: WaitingCorrection) -> date | None:
    """The last day to answer; None while it is not notified, when no time runs yet."""
    day: date | None = waiting.task.deadlines.order_by("-due_on").values_list("due_on", flat=True).first()
    return day


def asked_context(attendance: Attendance, case: Case, waiting: WaitingCorrection) -> dict[str, Any]:
    """The questions under correction, each with what the official wrote of it."""
    bundle = bundle_of(case.version)
    labels = {field.id: field.label for field in bundle.fields_of(bundle.step(waiting.task.step_id).amends)}  # type: ignore[attr-defined]
    items = remarks.of_correction(waiting.task)
    return {
        "attendance": attendance,
        "case": case,
        "is_late": waiting.is_late,
        "last_day": _last_day(waiting),
        "items": [{"question": labels.get(one.field_id, ""), "text": one.text} for one in items],
    }


def overlooked_context(attendance: Attendance, case: Case, task: CaseTask) -> dict[str, Any]:
    """What was asked and until when, of a case in which that was answered or decided already."""
    is_added = overlooked.is_open_to_papers(case, task)
    last_day = task.deadlines.order_by("-due_on").values_list("due_on", flat=True).first()
    return {
        "attendance": attendance,
        "case": case,
        "step": task.step_title,
        "is_added": is_added,
        "last_day": None if is_added else last_day,
    }


def kept(attendance: Attendance) -> Iterator[dict[str, Any]]:
    """Papers that were only kept in this attendance, with their receipt to print and the words to say."""
    rows = attendance.overlooked_papers.select_related("case__agency", "receipt__blob").defer("case__flow_class")
    for one in rows.order_by("pk"):
        is_added = one.outcome == OverlookedPaper.Outcome.ADDED
        added = _(
            "Su papel quedó agregado a la solicitud %(number)s, recibido el %(moment)s. Todavía no se resuelve: lo "
            "considerarán al resolver. Guarde este comprobante."
        )
        said = _(
            "Su papel quedó en la solicitud %(number)s, recibido el %(moment)s. Ya se había resuelto sin él: la "
            "institución le dirá qué hace. Guarde este comprobante."
        )
        ready = one.receipt.blob is not None and not one.receipt.blob.is_quarantined
        yield {
            "number": one.case.number,
            "title": case_title(one.case),
            "is_in_time": one.is_in_time,
            "is_added": is_added,
            "say": (added if is_added else said)
            % {"number": one.case.number, "moment": moment(one.received_at, one.case.agency)},
            "receipt_url": reverse("workflows:counter_overlooked_receipt", args=[attendance.pk, one.pk])
            if ready
            else "",
        }


def answered(attendance: Attendance) -> Iterator[dict[str, Any]]:
    """What was answered on paper in this attendance, with its receipt to print and the words to say."""
    rows = attendance.answers.select_related("submission__case__agency", "receipt__blob").defer(
        "submission__case__flow_class"
    )
    for one in rows.order_by("pk"):
        case = one.submission.case
        said = _(
            "Su respuesta quedó ingresada en la solicitud %(number)s, recibida el %(moment)s. Guarde este comprobante."
        )
        ready = one.receipt.blob is not None and not one.receipt.blob.is_quarantined
        yield {
            "number": case.number,
            "title": case_title(case),
            "is_in_time": one.is_in_time,
            "say": said % {"number": case.number, "moment": moment(one.received_at, case.agency)},
            "receipt_url": reverse("workflows:counter_answer_receipt", args=[attendance.pk, one.pk]) if ready else "",
        }
