"""What a service answered, what happens when it does not, and the later check of what somebody declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.utils.translation import gettext as _
from viewflow.workflow.status import STATUS
from viewflow.workflow.token import Token

from accounts.models import User
from jobs.api import GiveUp, Job, Retry
from procedures.api import ServiceStep
from workflows import connectors, exchanges
from workflows.commands.desk import go_on, held_task
from workflows.commands.locking import locked, moving
from workflows.errors import CommandRefused, RoutingError
from workflows.incidents import open_incident
from workflows.models import Case, CaseTask, Exchange, Incident
from workflows.nodes import StepActivation
from workflows.runtime import Run
from workflows.scopes import data_for
from workflows.steps.outside import CALL, ask, leave_unasked, may_ask, papers_awaited, verify_name

AGAIN_AFTER = timedelta(hours=1)
"""How long a case with «on_failure: wait» rests before the service is asked again."""


@dataclass(frozen=True)
class Question:
    """What a service is asked, read while the job is claimed."""

    connector: str
    agency: str
    inputs: dict[str, Any]
    step: ServiceStep


class ServiceHandler:
    """Job handler: asks a connector outside any transaction and brings the answer to the case."""

    kind = CALL
    queue = "fast"
    timeout = timedelta(seconds=30)
    max_attempts = 5

    def prepare(self, job: Job) -> Question | None:
        """What to ask; None when nobody waits for it any more, or the person took their authorisation back."""
        case = Case.objects.select_related("agency").get(pk=job.case_id)
        task = CaseTask.objects.get(pk=job.payload["task"])
        step = case.flow_class.bundle.step(task.step_id)
        if task.status != STATUS.SCHEDULED or not may_ask(case, step):
            return None
        data = data_for(case, task)
        inputs = {name: _datum(data, path) for name, path in step.inputs.items()}
        return Question(step.connector, case.agency.code, inputs, step)

    def call(self, prepared: Question | None, key: str) -> dict[str, Any] | None:
        """The values that the service gives. Signals of the job table say how it failed."""
        if prepared is None:
            return None
        try:
            asked = connectors.connector(prepared.connector, prepared.agency)
            return connectors.read_values(asked.ask(prepared.inputs, key), prepared.step.values)
        except connectors.UnknownConnector:
            raise GiveUp(_("No hay un conector autorizado con ese nombre.")) from None
        except connectors.Refused as error:
            raise GiveUp(str(error)) from None
        except connectors.Unavailable as error:
            raise Retry(str(error)) from None

    def finish(self, job: Job, result: dict[str, Any] | None, now: datetime) -> dict[str, Any] | None:
        """Bring the values to the case and a document with them to its file; none are kept on the job."""
        moving(lambda failure: _answered(job, result, now, failure))
        return {}

    def gave_up(self, job: Job, now: datetime) -> None:
        """Nothing here: the job that follows knows why."""


def unanswered(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: do what the step says for a service that does not answer."""
    failed = Job.objects.get(pk=job.payload["job"])
    moving(lambda failure: _unanswered(failed, now, failure))
    return {}


def _datum(data: Mapping[str, Any], path: str) -> Any:
    step, _dot, name = path.partition(".")
    return (data.get(step) or {}).get(name)


def _answered(job: Job, values: dict[str, Any] | None, now: datetime, failure: RoutingError | None) -> None:
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        task = CaseTask.objects.get(pk=job.payload["task"])
        if task.status != STATUS.SCHEDULED:
            return
        step = cast(ServiceStep, run.bundle.step(task.step_id))
        if values is None or not may_ask(run.case, step):  # a correction of the application may say no as well
            leave_unasked(run, task)
            return
        exchange = exchanges.of_task(run, task, step)
        document = exchanges.keep_values(run, exchange, step, values)
        exchanges.end(run, exchange, Exchange.Result.SUCCESS, document)
        run.record("service.answered", {"step": task.step_id})
        _close_incidents(run, task)
        read = {name: value for name, value in values.items() if not step.values[name].sensitive}
        _go_on_with(run, task, {"ok": True, **read}, failure)


def _unanswered(job: Job, now: datetime, failure: RoutingError | None) -> None:
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        task = CaseTask.objects.get(pk=job.payload["task"])
        if task.status != STATUS.SCHEDULED:
            return
        step = cast(ServiceStep, run.bundle.step(task.step_id))
        if not may_ask(run.case, step):
            leave_unasked(run, task)
            return
        run.record("service.failed", {"step": task.step_id})
        exchanges.end(run, exchanges.of_task(run, task, step), Exchange.Result.ERROR)
        if step.on_failure == "accept":
            accept_the_word(run, task, step, verify_name(step.id), failure)
            return
        _open_incident(run, task, job)
        if step.on_failure == "wait" and not _is_asked_again(task):
            ask(run, task, step, run_at=now + AGAIN_AFTER)


def _is_asked_again(task: CaseTask) -> bool:
    """Whether another question of the same step is on its way: somebody who tried again began no second round."""
    waiting = Job.objects.filter(case_id=task.process_id, kind=CALL, run_at__isnull=False)
    return waiting.filter(payload__task=task.pk).exists()


def _open_incident(run: Run, task: CaseTask, job: Job) -> None:
    if Incident.objects.filter(task=task, kind=Incident.Kind.SERVICE, closed_at=None).exists():
        return
    detail = _("El servicio que consulta «%(step)s» no respondió. %(error)s")
    told = detail % {"step": task.step_title, "error": job.last_error}
    open_incident(run, kind=Incident.Kind.SERVICE, detail=told, step_id=task.step_id, task=task, job_id=job.pk)


def _close_incidents(run: Run, task: CaseTask) -> None:
    stuck = Incident.objects.filter(task=task, kind=Incident.Kind.SERVICE, closed_at=None)
    if stuck.update(closed_at=run.now):
        run.record("incident.closed", {"kind": Incident.Kind.SERVICE, "step": task.step_id})


def accept_the_word(run: Run, task: CaseTask, step: ServiceStep, later: str, failure: RoutingError | None) -> None:
    """Go on with what the person declared, and leave the task of the node `later`: who verifies it, or brings it."""
    data = data_for(run.case, task)
    values = {name: _datum(data, path) for name, path in step.declared.items()}
    open_aside(run, task, later)
    _go_on_with(run, task, {"ok": False, **values}, failure)


def open_aside(run: Run, task: CaseTask, name: str) -> None:
    """Open a task beside a service step, from which the case does not go on but without which it does not end."""
    activation = StepActivation.resume(task, run)
    activation.flow_class.instance.node(name)._create(activation, Token("verify"))


def _go_on_with(run: Run, task: CaseTask, values: dict[str, Any], failure: RoutingError | None) -> None:
    run.project(task.step_id, values, task)
    activation = StepActivation.resume(task, run)
    activation.finish()
    go_on(run, activation, failure)


def verify(*, task: CaseTask, by: User, agrees: bool, note: str, asked: bool = False, now: datetime) -> None:
    """Say whether what the person declared was true. The case may end only after this.

    `asked`: the official asked the other body, which is an exchange with it. Raises NotAllowed, TaskTaken,
    TaskFinished, and CommandRefused where the person does not let that body send sensitive data, or is to bring them.
    """
    with locked(task.process_id, by=by.person, now=now) as run:
        current = held_task(run, task.pk, by)
        step = cast(ServiceStep, run.bundle.step(current.step_id))
        if asked and not may_ask(run.case, step):
            raise CommandRefused(_("La persona no autoriza pedir sus datos sensibles: verifica con lo que traiga."))
        if papers_awaited(current).exists():
            raise CommandRefused(
                _("La persona todavía no trae sus documentos. Espérala, o sigue sin ellos desde «Otras gestiones».")
            )
        if asked:
            checked = exchanges.ask(run, exchanges.of_service(step, Exchange.Kind.CHECK), task=current)
            exchanges.end(run, checked, Exchange.Result.SUCCESS)
        held = run.case.data.get(current.step_id, {})
        run.project(current.step_id, {**held, "verified": agrees})
        StepActivation.resume(current, run).done_by_hand()
        fact = {"step": current.step_id, "agrees": agrees}
        run.record("service.verified", fact, personal={"note": note.strip()} if note.strip() else None)
