"""Recording a legal notification: the only thing that starts a clock of the kind notified(x) (decision 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Person
from documents.models import Document
from legaltime.api import local_date
from notifications.api import record_notification as record
from workflows import deadlines
from workflows.access import official_cases
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, CaseTask


@dataclass(frozen=True)
class Notified:
    """What the official states: to whom, how, when, and what proves it."""

    person: Person
    medium: str
    occurred_at: datetime
    evidence: str


def record_notification(*, case: Case, step_id: str, notified: Notified, by: Person, now: datetime) -> None:
    """Record that a step's notice or act was legally notified, and start the clocks that waited for it.

    Raises NotAllowed, CommandRefused, or the errors of notifications (a date in the future, twice the same).
    """
    with locked(case.pk, by=by, now=now) as run:
        if not official_cases(by, local_date(now, run.place.zone)).filter(pk=run.case.pk).exists():
            raise NotAllowed
        task = CaseTask.objects.filter(process_id=run.case.pk, step_id=step_id).order_by("-pk").first()
        if task is None:
            raise CommandRefused(_("Ese paso todavía no ocurre en esta solicitud."))
        kept = record(
            file=run.case.file,
            agency=run.agency,
            case_ref=run.case.ref,
            subject_id=step_id,
            occurrence=task.occurrence,
            document=_act(task),
            person=notified.person,
            medium=notified.medium,
            occurred_at=notified.occurred_at,
            evidence=notified.evidence,
            by=by,
            place=run.place,
            now=now,
        )
        deadlines.notified(run, step_id, kept.effective_on)
        run.record(
            "notification.recorded",
            {"step": step_id, "medium": kept.medium, "effective_on": kept.effective_on.isoformat()},
        )


def _act(task: CaseTask) -> Document | None:
    document_id = task.data.get("document")
    return Document.objects.filter(pk=document_id).first() if document_id else None
