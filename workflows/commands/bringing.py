"""A person does not let other bodies send their sensitive data, or no longer does: they bring them (R60)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from viewflow.workflow.status import STATUS

from accounts.models import Person
from documents.api import in_spanish
from jobs.models import Job
from notifications.api import Said
from procedures.api import ServiceStep, bundle_of
from workflows import authorising, deadlines, exchanges, messages, receipts
from workflows.access import check_official, check_receives, filed_by, parts_of
from workflows.commands.correspondence import Upload, tell_officials, write
from workflows.commands.locking import locked, moving
from workflows.commands.official_letters import pending_letters
from workflows.commands.outside import accept_the_word, open_aside
from workflows.commands.physical import receivable
from workflows.errors import CommandRefused, NotAllowed, RoutingError
from workflows.incidents import settle
from workflows.models import Attendance, AuthorisationWithdrawal, Case, CaseParty, CaseTask, Exchange
from workflows.nodes import StepActivation
from workflows.runtime import Run
from workflows.steps.outside import BRING, bring_name, papers_awaited, verify_name
from workflows.withholding import BROUGHT

OPEN = (STATUS.NEW, STATUS.ASSIGNED)


class NothingToTakeBack(CommandRefused):
    """No authorisation stands."""

    message = gettext_lazy("No hay una autorización que retirar: no la diste en esta solicitud, o ya la retiraste.")


class NothingToBring(CommandRefused):
    """Nothing is waited for from the person."""

    message = gettext_lazy("Ya no hace falta que traigas nada: otra persona lo envió o la institución siguió sin eso.")


class AlreadyBrought(CommandRefused):
    """The page is old: what it asked for came in, or nobody waits for it any more."""

    message = gettext_lazy("Eso ya se recibió o ya no hace falta. Vuelve a la solicitud: ahí dice si falta algo más.")


def withdraw(*, case: Case, reason: str, by: Person, now: datetime) -> None:
    """Take back that other bodies may send one's sensitive data for this case: it goes on, and what was obtained stays.

    What a service or a letter asked is not used; what a service was to give, the person is asked to bring. Raises
    NotAllowed, NothingToTakeBack.
    """
    moving(lambda failure: _withdraw(case, reason, by, now, failure))


def _withdraw(case: Case, reason: str, by: Person, now: datetime, failure: RoutingError | None) -> None:
    with locked(case.pk, by=by, now=now) as run:
        if not filed_by(run.case, by):
            raise NotAllowed
        if run.case.finished is not None or not authorising.is_given(run.case):
            raise NothingToTakeBack
        document = receipts.file_writing(run, title=lambda: _("Retiro de la autorización"), text=_told(reason))
        AuthorisationWithdrawal.objects.create(case=run.case, agency=run.agency, person=by, at=now, document=document)
        run.record("authorisation.withdrawn", {})
        for letter in pending_letters(run.case).filter(is_sensitive=True):
            exchanges.end(run, letter, Exchange.Result.UNUSED)
        _ask_for_what_is_left(run, failure)
        tell_officials(run)


def _told(reason: str) -> str:
    text = _("Retiro mi autorización para que otras instituciones envíen mis datos sensibles en esta solicitud.")
    return f"{text}\n\n{reason}".strip()


def _ask_for_what_is_left(run: Run, failure: RoutingError | None) -> None:
    """Stop each question that depends on the authorisation, and open the way to bring what it asked for."""
    waiting = CaseTask.objects.filter(process=run.case, step_kind__in=("service", "verify"))
    for task in waiting.filter(status__in=(*OPEN, STATUS.SCHEDULED)).order_by("pk"):
        step = cast(ServiceStep, run.bundle.step(task.step_id))
        if not step.is_sensitive or papers_awaited(task).exists():
            continue
        if task.step_kind == "service":
            _stop_asking(run, task, step, failure)
        else:
            open_aside(run, task, bring_name(step.id))
            _tell(run, step)


def _stop_asking(run: Run, task: CaseTask, step: ServiceStep, failure: RoutingError | None) -> None:
    exchange = exchanges.pending(task)
    if exchange is not None:
        exchanges.end(run, exchange, Exchange.Result.UNUSED)
    _go_on_without(run, task, step, failure)


def _go_on_without(run: Run, task: CaseTask, step: ServiceStep, failure: RoutingError | None) -> None:
    """Go on with the person's word; they bring what backs it, and an official looks at it before the case ends."""
    accept_the_word(run, task, step, bring_name(step.id), failure)
    settle(run)
    _tell(run, step)


def unauthorised(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: a service is not asked; the case goes on and the person brings what it asked for."""
    moving(lambda failure: _unauthorised(job, now, failure))
    return {}


def _unauthorised(job: Job, now: datetime, failure: RoutingError | None) -> None:
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        task = CaseTask.objects.get(pk=job.payload["task"])
        if task.status == STATUS.SCHEDULED:
            step = cast(ServiceStep, run.bundle.step(task.step_id))
            run.record("service.not_asked", {"step": step.id})
            _stop_asking(run, task, step, failure)


def _tell(run: Run, step: ServiceStep) -> None:
    messages.send(run, lambda: _asked_to_bring(run, step))


def _asked_to_bring(run: Run, step: ServiceStep) -> Said:
    asked = exchanges.of_service(step)
    words = {"number": run.case.number, "body": asked.addressee, "what": "; ".join(asked.sought)}
    return Said(
        _("Trae tú lo que no pediremos a otra institución: solicitud N° %(number)s") % words,
        _(
            "Como no autorizas que %(body)s nos envíe datos sensibles, tráelos tú: %(what)s. Tu solicitud sigue y no "
            "pierdes ningún derecho. Súbelos desde la página de tu solicitud, o llévalos a un mesón con tu cédula."
        )
        % words,
        _("Traer lo que falta"),
    )


def to_bring(case: Case) -> list[CaseTask]:
    """What the person is asked to bring, the oldest first."""
    found = CaseTask.objects.filter(process=case, step_kind=BRING, status__in=OPEN)
    return list(found.defer("flow_task").order_by("pk"))


def sought_of(case: Case) -> list[str]:
    """What the person is asked to bring first, in words."""
    first = next(iter(to_bring(case)), None)
    if first is None:
        return []
    step = cast(ServiceStep, bundle_of(case.version).step(first.step_id))
    return list(exchanges.of_service(step).sought)


def bring(
    *, case: Case, text: str, uploads: Sequence[Upload], by: Person, now: datetime, asked: int | None = None
) -> None:
    """Bring what one did not let another body send; an official looks at it before the case ends.

    `asked`: id of the step that the page was for; a second press would count as what is waited for next. Raises
    NotAllowed, NothingToBring, AlreadyBrought and documents.api.FilesUnavailable.
    """
    with locked(case.pk, by=by, now=now) as run:
        if not filed_by(run.case, by):
            raise NotAllowed
        _brought(run, by, text, uploads, asked)


def bringable(attendance: Attendance) -> QuerySet[Case]:
    """Applications for which whoever is at the counter is to bring something that may be received there."""
    applied = parts_of(attendance.person).filter(kind=CaseParty.Kind.APPLICANT).values("case")
    awaited = CaseTask.objects.filter(step_kind=BRING, status__in=OPEN).values("process")
    return receivable(attendance).filter(pk__in=applied).filter(pk__in=awaited)


def bring_at_counter(
    *,
    attendance: Attendance,
    case: Case,
    uploads: Sequence[Upload],
    by: Person,
    now: datetime,
    asked: int | None = None,
) -> None:
    """Receive at the counter what a person brings on paper, scanned before them: none needs a key for it (R60).

    `asked` as `bring` has it. Raises NotAllowed, ReceivesNothing, NothingToBring, AlreadyBrought and
    documents.api.FilesUnavailable.
    """
    with locked(case.pk, by=by, now=now) as run:
        if attendance.official_id != by.pk or not receivable(attendance).filter(pk=case.pk).exists():
            raise NotAllowed
        if not filed_by(run.case, attendance.person):
            raise NotAllowed
        check_receives(run.case, by, run.today, attendance.agency_id)
        _brought(run, attendance.person, _received_by(by), uploads, asked)


@in_spanish
def _received_by(official: Person) -> str:
    return _("Lo trajo a un mesón. Lo recibió y digitalizó %(official)s.") % {"official": official}


def _brought(run: Run, person: Person, text: str, uploads: Sequence[Upload], asked: int | None) -> None:
    task = _oldest(run, asked)
    write(run, person, text, uploads, from_agency=False, origin=BROUGHT)
    StepActivation.resume(task, run).done_by_hand()
    _let_it_be_checked(run, task)
    run.record("bring.answered", {"step": task.step_id})
    deadlines.heard(run)
    tell_officials(run)


def go_on_without(*, case: Case, reason: str, by: Person, now: datetime, asked: int | None = None) -> None:
    """An official waits no longer for what a person was to bring, with a reason; it is checked with what there is.

    `asked` as `bring` has it. Raises NotAllowed, NothingToBring, AlreadyBrought.
    """
    with locked(case.pk, by=by, now=now) as run:
        check_official(run.case, by, run.today)
        task = _oldest(run, asked)
        StepActivation.resume(task, run).cancel()
        _let_it_be_checked(run, task)
        run.record("bring.waived", {"step": task.step_id}, personal={"reason": reason})
        text = _("La institución dejó de esperar lo que ibas a traer y sigue con lo que hay. Motivo: %(reason)s")
        subject = _("Tu solicitud N° %(number)s sigue")
        messages.send(run, lambda: Said(subject % {"number": run.case.number}, text % {"reason": reason}))


def _oldest(run: Run, asked: int | None) -> CaseTask:
    waiting = CaseTask.objects.filter(process=run.case, step_kind=BRING, status__in=OPEN)
    task: CaseTask | None = waiting.order_by("pk").first()
    if task is None:
        raise NothingToBring
    if asked not in (None, task.pk):
        raise AlreadyBrought
    return task


def _let_it_be_checked(run: Run, task: CaseTask) -> None:
    """Open the check of what was declared, unless somebody has it open."""
    checks = CaseTask.objects.filter(process=run.case, step_id=task.step_id, step_kind="verify", status__in=OPEN)
    if not checks.filter(occurrence=task.occurrence).exists():
        open_aside(run, task, verify_name(task.step_id))
