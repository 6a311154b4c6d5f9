"""Recording a legal notification: the only thing that starts a clock of the kind notified(x) (decision 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Person
from documents.models import Document
from notifications.api import Notified, Sent, record_sending
from notifications.api import record_notification as record
from notifications.models import NotificationRecord, PlatformSending
from procedures.api import Bundle
from workflows import deadlines, formalities
from workflows import notified as certificates
from workflows.access import check_official
from workflows.commands.locking import locked
from workflows.errors import CommandRefused
from workflows.media import right_medium
from workflows.models import Case, Deadline
from workflows.queries import Notifiable, notifiable, notified_act
from workflows.runtime import Run

Answer = PlatformSending.Answer


class ReasonMissing(CommandRefused):
    """Another medium than the one that is due, and nothing says why."""

    def __init__(self, why: str) -> None:
        text = _("%(why)s Para usar otro medio, escribe la razón.")
        super().__init__(text % {"why": why})


@dataclass(frozen=True)
class Effect:
    """From when the notification counts, and the clocks that it starts, with their last days.

    None where the platform reached nobody: what is due is still missing, by the other medium that `why` explains.
    """

    effective_on: date | None
    clocks: tuple[Deadline, ...]
    why: str = ""


def record_notification(
    *, case: Case, step_id: str, notified: Notified, by: Person, now: datetime, answer: str = Answer.SENT
) -> Effect:
    """Record that a step's notice or act was legally notified, and start the clocks that waited for it.

    `answer`: what the State's platform said, where it was the medium; any other than "sent" notifies nobody (R29).
    Raises NotAllowed, ReasonMissing, CommandRefused, or the errors of notifications (a date in the future, twice the
    same).
    """
    with locked(case.pk, by=by, now=now) as run:
        task, act = subject_to_notify(run, step_id, by)
        if answer != Answer.SENT:
            return _not_reached(run, task, act, notified, answer)
        return _reached(run, task, act, notified)


def preview_notification(
    *, case: Case, step_id: str, notified: Notified, by: Person, now: datetime, answer: str = Answer.SENT
) -> Effect:
    """What recording it would start, by doing it and taking it back. Raises the same."""
    with transaction.atomic():
        effect = record_notification(case=case, step_id=step_id, notified=notified, by=by, now=now, answer=answer)
        transaction.set_rollback(True)
    return effect


def subject_to_notify(run: Run, step_id: str, by: Person) -> tuple[Notifiable, Document | None]:
    """The step whose notice or act may be notified now, and that act. Raises NotAllowed or CommandRefused."""
    check_official(run.case, by, run.today)
    task = notifiable(run.case, step_id)
    if task is None:
        raise CommandRefused(_("Ese paso todavía no ocurre en esta solicitud."))
    act = notified_act(run.case, task)
    if act is not None and (missing := formalities.pending(act)):
        raise CommandRefused(
            _("El acto todavía no está totalmente tramitado: falta %(what)s.") % {"what": ", ".join(map(str, missing))}
        )
    return task, act


def _reached(run: Run, task: Notifiable, act: Document | None, notified: Notified) -> Effect:
    due = right_medium(run.case, notified.person)
    if due.departs(notified.medium) and not notified.departure.strip():
        raise ReasonMissing(due.why)
    assert run.by is not None
    kept = record(
        file=run.case.file,
        agency=run.agency,
        case_ref=run.case.ref,
        subject_id=task.step_id,
        occurrence=task.occurrence,
        document=act,
        notified=notified,
        by=run.by,
        place=run.place,
        now=run.now,
    )
    if kept.medium == NotificationRecord.Medium.PLATFORM and kept.transaction_code:
        _keep_sending(run, task, act, notified, Answer.SENT, kept)
    clocks = deadlines.notified(run, task.step_id, kept.effective_on, notified.person)
    certificates.certify(run, kept, clocks)
    fact = {"step": task.step_id, "medium": str(kept.medium), "effective_on": kept.effective_on.isoformat()}
    run.record("notification.recorded", fact)
    return Effect(kept.effective_on, tuple(clocks))


def _not_reached(run: Run, task: Notifiable, act: Document | None, notified: Notified, answer: str) -> Effect:
    """The platform does not reach the person: nothing is notified, and another medium is due (D8 15, DS4 25)."""
    _keep_sending(run, task, act, notified, answer, None)
    run.record("notification.not_reached", {"step": task.step_id, "answer": answer})
    return Effect(None, (), right_medium(run.case, notified.person).why)


def _keep_sending(
    run: Run, task: Notifiable, act: Document | None, notified: Notified, answer: str, kept: NotificationRecord | None
) -> None:
    assert run.by is not None
    record_sending(
        file=run.case.file,
        agency=run.agency,
        sent=sent_by_platform(run.case, run.bundle, task, act),
        notified=notified,
        answer=answer,
        record=kept,
        by=run.by,
        now=run.now,
    )


def sent_by_platform(case: Case, bundle: Bundle, task: Notifiable, act: Document | None) -> Sent:
    """What the State's platform is given about a notification, besides body, file and addressee (D8 art. 13)."""
    what = certificates.called(act, task.step_id, bundle)
    words = {"what": what, "number": case.number, "procedure": bundle.title}
    cpat = bundle.ficha.cpat
    return Sent(
        case_ref=case.ref,
        subject_id=task.step_id,
        occurrence=task.occurrence,
        procedure=cpat.code or cpat.name or bundle.code,
        subject=_("Notificación: %(what)s") % words,
        description=_("Se notifica «%(what)s», de la solicitud N° %(number)s, «%(procedure)s».") % words,
        attachments=((act.title, act.sha256 or act.content_sha256),) if act is not None else (),
    )
