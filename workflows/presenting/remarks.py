"""What an official asked to correct: question by question, and of all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from procedures.api import CorrectionStep, bundle_of, placeholders
from workflows.answers import answers_of
from workflows.models import CaseTask, Submission

WRITTEN = ("text", "textarea")
"""Types of the fields in which an official writes freely."""


@dataclass(frozen=True)
class Remark:
    """One thing to correct; without `field_id` it is about all of the application."""

    field_id: str
    text: str


def of_correction(task: CaseTask) -> list[Remark]:
    """All that was asked in a correction: first what its notice quotes of whoever asked, then each observation."""
    observed = [Remark(item.field_id, item.text) for item in task.correction_items.order_by("pk")]
    said = {one.text for one in observed if not one.field_id}
    return [*(Remark("", text) for text in _quoted(task) if text not in said), *observed]


def _quoted(task: CaseTask) -> Iterator[str]:
    """What the official wrote in the requesting task that the person reads in the notice to correct."""
    bundle = bundle_of(task.process.version)
    step = bundle.step(task.step_id)
    if not isinstance(step, CorrectionStep):
        return
    paths = dict.fromkeys(one.path for one in placeholders(bundle.notice(step.notice).body))
    fields = [one for one in bundle.fields_of(step.requested_by) if f"{step.requested_by}.{one.id}" in paths]
    written = [one for one in fields if one.type in WRITTEN]
    given = answers_of(task.process, step.requested_by) if written else {}
    for one in written:
        text = str(given.get(one.id) or "").strip()
        if text:
            yield text


def answer_to(task: CaseTask) -> Submission | None:
    """The latest answer to a correction, also one that came after its time; None while nobody answered."""
    rows = Submission.objects.filter(case=task.process_id, step_id=task.step_id, occurrence=task.occurrence)
    return rows.select_related("paper").order_by("-seq").first()


def received_late(task: CaseTask) -> str:
    """That an answer came once the time was over and somebody decides about it; "" while none came."""
    answer = answer_to(task)
    if answer is None:
        return ""
    paper = getattr(answer, "paper", None)
    words = _("Recibimos tu respuesta el %(day)s, fuera de plazo: una persona decide si la acepta.")
    if paper is not None and paper.is_in_time:
        words = _("Recibimos tu respuesta el %(day)s, dentro de plazo: una persona decide cómo sigue tu solicitud.")
    at = localtime(paper.received_at if paper is not None else answer.at, ZoneInfo(task.process.agency.time_zone))
    return words % {"day": date_format(at, "DATE_FORMAT")}
