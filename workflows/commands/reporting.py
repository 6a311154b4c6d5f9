"""What a system reports: kept, matched to the one step that waits for it, and recorded in the case, once.

Every row is decided under the lock of its case, and one without a case under its own; a repetition meets the first
one there, or at the unique key of the system (docs/locks.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from viewflow.workflow.status import STATUS

from accounts.api import blind_index, open_sealed, seal
from accounts.models import Person
from documents.api import new_code
from jobs.models import Job
from legaltime.api import local_date
from workflows.access import operates
from workflows.commands.desk import Answered, InvalidAnswers, file_form
from workflows.commands.locking import locked, moving, task_of
from workflows.commands.waiting import Happened, end_with_event
from workflows.errors import CommandRefused, NotAllowed, RoutingError
from workflows.models import Case, CaseTask, Channel, OutsideSystem, ReportedEvent
from workflows.reporting.answers import WrongAnswers, posted
from workflows.reporting.queries import case_named
from workflows.reporting.rules import Reported
from workflows.runtime import Run

State, Why = ReportedEvent.State, ReportedEvent.Why


class NotItsEvent(CommandRefused):
    """The system may not report that event."""

    message = gettext_lazy(
        "Este sistema no puede informar ese hecho. La institución decide cuáles informa cada sistema."
    )


class KeyReused(CommandRefused):
    """The idempotency key came before, with something else."""

    message = gettext_lazy("Esa «Idempotency-Key» ya se usó para informar otra cosa. Usa una nueva para cada hecho.")


class NotYet(CommandRefused):
    """The day has not come."""

    message = gettext_lazy("Todavía no puede haber ocurrido: la fecha es futura.")


@dataclass(frozen=True)
class Delivery:
    """What a system sent under its own idempotency key."""

    system: OutsideSystem
    idempotency_key: str
    reported: Reported

    @property
    def body_index(self) -> str:
        """A keyed digest of what was said: the facts of a report may be guessed, so a plain one would tell them."""
        return blind_index(self.reported.canonical(), "workflows.reported_event")


def receive(*, delivery: Delivery, now: datetime) -> ReportedEvent:
    """Keep what a system reports and, where exactly one step of the agency's case waits for it, move the case on.

    A repetition gives the same row as it stands by now and does nothing. Raises NotItsEvent, NotYet, KeyReused,
    WrongAnswers or InvalidAnswers; then nothing is kept.
    """
    system, reported = delivery.system, delivery.reported
    if reported.event not in system.may_report:
        raise NotItsEvent
    if reported.on > local_date(now, system.agency.time_zone):
        raise NotYet
    if known := _repeated(delivery):
        return known
    case = case_named(system.agency, reported.event.partition(".")[0], reported.case)
    try:
        if case is None:
            return _keep_alone(delivery, now)
        return moving(lambda failure: _receive(delivery, case.pk, now, failure))
    except IntegrityError:
        if known := _repeated(delivery):
            return known
        raise


def _repeated(delivery: Delivery) -> ReportedEvent | None:
    found = ReportedEvent.objects.filter(system=delivery.system, idempotency_key=delivery.idempotency_key)
    known = found.select_related("case").defer("case__flow_class").first()
    if known is not None and known.body_index != delivery.body_index:
        raise KeyReused
    return known


@transaction.atomic
def _keep_alone(delivery: Delivery, now: datetime) -> ReportedEvent:
    event = _row(delivery, None, now)
    event.why = Why.NO_CASE
    event.save()
    return event


def _receive(delivery: Delivery, case_id: int, now: datetime, failure: RoutingError | None) -> ReportedEvent:
    with locked(case_id, by=None, now=now) as run:
        if known := _repeated(delivery):
            return known
        event = _row(delivery, run.case, now)
        same = None if _waits(run.case, event) else _applied_before(event)
        if same is not None:
            return same
        _settle(run, event, failure)
        return event


def _row(delivery: Delivery, case: Case | None, now: datetime) -> ReportedEvent:
    reported, ref = delivery.reported, new_code()
    procedure_code, _dot, step_id = reported.event.partition(".")
    told = {"evidence": reported.evidence, "answers": reported.answers}
    return ReportedEvent(
        ref=ref,
        agency=delivery.system.agency,
        system=delivery.system,
        idempotency_key=delivery.idempotency_key,
        body_index=delivery.body_index,
        procedure_code=procedure_code,
        step_id=step_id,
        case_number=reported.case,
        row=reported.row,
        happened_on=reported.on,
        sealed=seal(json.dumps(told).encode(), _context(ref)),
        received_at=now,
        state=State.KEPT,
        case=case,
    )


def _applied_before(event: ReportedEvent) -> ReportedEvent | None:
    """The same event, applied already under another key: a sender that lost its answer says it again."""
    same = ReportedEvent.objects.filter(system=event.system, body_index=event.body_index, case=event.case)
    return same.filter(state=State.APPLIED).select_related("case").defer("case__flow_class").first()


# Under the lock of the case


def _settle(run: Run, event: ReportedEvent, failure: RoutingError | None) -> None:
    """End the one wait that it is about, or say why it is kept; save it and record it in the case."""
    waits, lacks_row = _waits(run.case, event), _lacks_row(run, event)
    run.source = f"outside:{event.system_id}"
    if len(waits) == 1 and not lacks_row:
        _end_wait(run, waits[0], event, failure)
        return
    _keep(run, event, Why.SEVERAL if waits or lacks_row else Why.OVER if _is_over(run, event) else Why.EARLY)


def _keep(run: Run, event: ReportedEvent, why: str) -> None:
    event.why = why
    event.save()
    facts = {"step": event.step_id, "on": event.happened_on.isoformat(), "kept": event.why, "report": event.ref}
    run.record("event.reported", facts)


def _lacks_row(run: Run, event: ReportedEvent) -> bool:
    """Whether it may be about any of several rows: that only one waits for it now does not say that it is that one."""
    block = run.bundle.loops.get(event.step_id)
    if event.row is not None or block is None or run.case.finished is not None:
        return False
    return len(run.case.data.get(block.id, {}).get("rows", ())) > 1


def _waits(case: Case, event: ReportedEvent) -> list[int]:
    """The steps of the case that wait for it now."""
    found = CaseTask.objects.filter(process=case, step_id=event.step_id, step_kind="wait", status=STATUS.SCHEDULED)
    if event.row is not None:
        found = found.filter(occurrence=event.row)
    return list(found.values_list("pk", flat=True))


def _is_over(run: Run, event: ReportedEvent) -> bool:
    """Whether the case waited for it before, or never will: what comes later needs a person, who knows its round."""
    if run.case.finished is not None or not run.bundle.has_step(event.step_id):
        return True
    waited = CaseTask.objects.filter(process=run.case, step_id=event.step_id)
    if event.row is not None:
        waited = waited.filter(occurrence=event.row)
    return waited.exists()


def _end_wait(run: Run, task_id: int, event: ReportedEvent, failure: RoutingError | None) -> None:
    task, told = task_of(run, task_id), _told(event)
    answered = Answered(data=posted(run.bundle, event.step_id, told["answers"]))
    file_form(run, task, answered, Channel.SYSTEM)
    event.state, event.why, event.task, event.settled_at, event.sealed = State.APPLIED, "", task, run.now, None
    event.save()
    happened = Happened(event.happened_on, str(told["evidence"]))
    end_with_event(run, task, happened, failure, report=event.ref)


def _told(event: ReportedEvent) -> Mapping[str, Any]:
    assert event.sealed is not None
    told: Mapping[str, Any] = json.loads(open_sealed(bytes(event.sealed), _context(event.ref)))
    return told


def _context(ref: str) -> str:
    return f"reported:{ref}"


def _settle_kept(run: Run, event: ReportedEvent, failure: RoutingError | None) -> None:
    """The same for one that was kept; answers that do not fit leave it for a person."""
    try:
        _settle(run, event, failure)
    except (InvalidAnswers, WrongAnswers):
        _keep(run, event, Why.INVALID)


# Later


def apply_event(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: the case has come to the step for which an event was reported before."""
    moving(lambda failure: _apply(job, now, failure))
    return {}


def _apply(job: Job, now: datetime, failure: RoutingError | None) -> None:
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        event = _locked_event(job.payload["event"])
        if event.state != State.KEPT or event.why != Why.EARLY:
            return
        if event.event in event.system.may_report:
            _settle_kept(run, event, failure)
        else:
            _keep(run, event, Why.WITHDRAWN)


def match_event(
    *, event: ReportedEvent, number: str, row: int | None = None, by: Person, now: datetime
) -> ReportedEvent:
    """Say which case a kept event is about, and which row of it (None: it is about no row), and try it again.

    Raises NotAllowed, or CommandRefused where there is no such case or somebody was faster.
    """
    _allow(event, by, now)
    case = case_named(event.agency, event.procedure_code, number)
    if case is None:
        raise CommandRefused(_("La institución no tiene una solicitud de ese trámite con ese número."))
    return moving(lambda failure: _match(event, case.pk, row, by, now, failure))


def _match(
    event: ReportedEvent, case_id: int, row: int | None, by: Person, now: datetime, failure: RoutingError | None
) -> ReportedEvent:
    with locked(case_id, by=by, now=now) as run:
        current = _still_kept(event)
        current.case, current.case_number, current.row = run.case, run.case.number, row
        run.record("event.matched", {"step": current.step_id, "report": current.ref})
        run.by = None
        _settle_kept(run, current, failure)
        return current


@transaction.atomic
def dismiss_event(*, event: ReportedEvent, reason: str, by: Person, now: datetime) -> None:
    """Put aside a kept event that is about nothing, with the reason. Raises NotAllowed or CommandRefused."""
    _allow(event, by, now)
    if not reason.strip():
        raise CommandRefused(_("Escribe por qué se descarta."))
    if event.case_id is None:
        _dismiss(event, reason, by, now)
        return
    with locked(event.case_id, by=by, now=now) as run:
        _dismiss(event, reason, by, now)
        run.record("event.dismissed", {"step": event.step_id, "report": event.ref}, personal={"reason": reason.strip()})


def _dismiss(event: ReportedEvent, reason: str, by: Person, now: datetime) -> None:
    current = _still_kept(event)
    current.state, current.note, current.sealed = State.DISMISSED, reason.strip()[:300], None
    current.settled_by, current.settled_at = by, now
    current.save()


def _still_kept(event: ReportedEvent) -> ReportedEvent:
    current = _locked_event(event.pk)
    if current.state != State.KEPT or current.case_id != event.case_id:
        raise CommandRefused(_("Otra persona ya vio este hecho. Actualiza la página para ver qué hizo."))
    return current


def _locked_event(pk: int) -> ReportedEvent:
    rows = ReportedEvent.objects.select_for_update(of=("self",)).select_related("system", "agency")
    return rows.get(pk=pk)


def _allow(event: ReportedEvent, by: Person, now: datetime) -> None:
    if not operates(by, [event.agency_id], local_date(now, event.agency.time_zone)):
        raise NotAllowed(_("No tienes permiso para ver lo que informan los sistemas externos de esta institución."))
