"""Recording a legal notification: the only thing that starts a clock of the kind notified(x) (decision 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Person
from notifications.api import Notified
from notifications.api import record_notification as record
from workflows import deadlines, formalities
from workflows import notified as certificates
from workflows.access import official_cases
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Case, Deadline
from workflows.queries import last_task, notified_act
from workflows.runtime import Run


@dataclass(frozen=True)
class Effect:
    """From when the notification counts, and the clocks that it starts, with their last days."""

    effective_on: date
    clocks: tuple[Deadline, ...]


def record_notification(*, case: Case, step_id: str, notified: Notified, by: Person, now: datetime) -> Effect:
    """Record that a step's notice or act was legally notified, and start the clocks that waited for it.

    Raises NotAllowed, CommandRefused, or the errors of notifications (a date in the future, twice the same).
    """
    with locked(case.pk, by=by, now=now) as run:
        return _record(run, step_id, notified, by)


def preview_notification(*, case: Case, step_id: str, notified: Notified, by: Person, now: datetime) -> Effect:
    """What recording it would start, by doing it and taking it back. Raises the same."""
    with transaction.atomic():
        effect = record_notification(case=case, step_id=step_id, notified=notified, by=by, now=now)
        transaction.set_rollback(True)
    return effect


def _record(run: Run, step_id: str, notified: Notified, by: Person) -> Effect:
    if not official_cases(by, run.today).filter(pk=run.case.pk).exists():
        raise NotAllowed
    task = last_task(run.case, step_id)
    if task is None:
        raise CommandRefused(_("Ese paso todavía no ocurre en esta solicitud."))
    act = notified_act(run.case, task)
    if act is not None and (missing := formalities.pending(act)):
        raise CommandRefused(
            _("El acto todavía no está totalmente tramitado: falta %(what)s.") % {"what": ", ".join(map(str, missing))}
        )
    kept = record(
        file=run.case.file,
        agency=run.agency,
        case_ref=run.case.ref,
        subject_id=step_id,
        occurrence=task.occurrence,
        document=act,
        notified=notified,
        by=by,
        place=run.place,
        now=run.now,
    )
    clocks = deadlines.notified(run, step_id, kept.effective_on, notified.person)
    certificates.certify(run, kept, clocks)
    fact = {"step": step_id, "medium": str(kept.medium), "effective_on": kept.effective_on.isoformat()}
    run.record("notification.recorded", fact)
    return Effect(kept.effective_on, tuple(clocks))
