"""What an official asked to correct: question by question, and of all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from notifications.api import notifications_of
from procedures.api import CorrectionStep, bundle_of, placeholders
from workflows.answers import answers_of
from workflows.models import Case, CaseTask, Deadline, Submission
from workflows.presenting.language import for_applicant
from workflows.presenting.words import moment

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


def expired_into(task: CaseTask) -> CaseTask | None:
    """The correction whose time ran out and led the case to this step; None for a step reached otherwise."""
    clocks = task.process.deadlines.filter(state=Deadline.State.EXPIRED, task__step_kind="correction")
    led = clocks.filter(on_expire=task.step_id, task__pk__lt=task.pk).select_related("task").defer("task__flow_task")
    clock = led.order_by("-task").first()
    return clock.task if clock is not None else None


@dataclass(frozen=True)
class Expired:
    """What whoever decides after an unanswered correction has to know (art. 31)."""

    rows: list[tuple[str, str]]
    """Pairs of label and value."""
    answer: int | None
    """Place of the answer in the file, where one came."""


def expired_facts(task: CaseTask) -> Expired | None:
    """When each person was notified, when the time ended, and whether an answer came; None for other steps."""
    asked = expired_into(task)
    if asked is None:
        return None
    case = task.process
    rows = [
        (
            _("Notificación a %(person)s") % {"person": record.person},
            date_format(localtime(record.occurred_at, ZoneInfo(case.agency.time_zone)), "DATE_FORMAT"),
        )
        for record in notifications_of(case.file).filter(subject_id=asked.step_id, occurrence=asked.occurrence)
    ]
    for clock in asked.deadlines.select_related("party").order_by("pk"):
        whose = _("Venció el plazo de %(person)s") % {"person": clock.party} if clock.party else _("Venció el plazo")
        if clock.due_on is not None:
            rows.append((whose, date_format(clock.due_on, "DATE_FORMAT")))
    answer = answer_to(asked)
    rows.append((_("Respuesta"), _arrived(answer, case) if answer is not None else _("No respondió.")))
    return Expired(rows, answer.seq if answer is not None else None)


def _arrived(answer: Submission, case: Case) -> str:
    paper = getattr(answer, "paper", None)
    at = {"moment": moment(paper.received_at if paper is not None else answer.at, case.agency)}
    if paper is not None and paper.is_in_time:
        return _("Llegó en papel el %(moment)s, dentro del plazo.") % at
    return _("Llegó el %(moment)s, fuera de plazo.") % at


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


def if_unanswered(task: CaseTask) -> str:
    """What follows an unanswered correction, by the name that its procedure gives that step; "" where nothing does."""
    step = bundle_of(task.process.version).step(task.step_id)
    following = step.deadline.on_expire if isinstance(step, CorrectionStep) else None
    if not following:
        return ""
    title = for_applicant(task.process.version).step(following).title
    return _("Si no respondes a tiempo, lo que sigue es: «%(step)s». El aviso en que te lo pedimos dice qué pasa.") % {
        "step": title
    }
