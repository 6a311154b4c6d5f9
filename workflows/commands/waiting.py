"""A wait ends: its day came, or an official says that what was awaited has happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from viewflow.workflow.status import STATUS

from accounts.models import User
from jobs.models import Job
from workflows.commands.desk import Answered, file_form, go_on
from workflows.commands.locking import locked, moving, task_of
from workflows.errors import CommandRefused, NotAllowed, RoutingError
from workflows.models import CaseTask, ReportedEvent
from workflows.nodes import StepActivation
from workflows.queries import task_facts
from workflows.rules import Separation
from workflows.runtime import Run
from workflows.steps.waiting import beginning_of, early_reports


@dataclass(frozen=True)
class Happened:
    """What an official or a system states about an outside event."""

    on: date
    evidence: str = ""


def record_event(*, task: CaseTask, by: User, happened: Happened, answered: Answered, now: datetime) -> None:
    """Record that what a case waited for has happened, and move it on.

    Raises NotAllowed, TaskFinished, InvalidAnswers, or CommandRefused for a day that has not come.
    """
    moving(lambda failure: _record(task, by, happened, answered, now, failure))


def _record(
    task: CaseTask, by: User, happened: Happened, answered: Answered, now: datetime, failure: RoutingError | None
) -> None:
    with locked(task.process_id, by=by.person, now=now) as run:
        current = task_of(run, task.pk)
        if current.step_kind != "wait":
            raise CommandRefused
        facts = task_facts(run.case, current, by.person, run.today)
        if not facts.holds_role or facts.separation in (Separation.ABSTAINED, Separation.PARTY):
            raise NotAllowed
        if happened.on > run.today:
            raise CommandRefused(_("Todavía no puede haber ocurrido: escribe una fecha que no sea futura."))
        file_form(run, current, answered)
        end_with_event(run, current, happened, failure)


def end_with_event(
    run: Run, task: CaseTask, happened: Happened, failure: RoutingError | None, report: str = ""
) -> None:
    """Close a wait because what it awaited has happened; `report` is the ref of the system's report, if one said so."""
    fact = {"step": task.step_id, "occurrence": task.occurrence, "on": happened.on.isoformat()}
    fact |= {"report": report} if report else {}
    run.record("event.recorded", fact, personal={"evidence": happened.evidence} if happened.evidence else None)
    _finish(run, task, {"happened": True, "on": happened.on.isoformat()}, failure)


def day_came(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler of a timer: re-reads the wait under the case's lock; one that ended meanwhile is left alone."""
    moving(lambda failure: _day_came(job, now, failure))
    return {}


def _day_came(job: Job, now: datetime, failure: RoutingError | None) -> None:
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        task = CaseTask.objects.get(pk=job.payload["task"])
        until = task.data.get("until")
        if task.status != STATUS.SCHEDULED or until is None or now < beginning_of(date.fromisoformat(until), run):
            return
        run.record("wait.ended", {"step": task.step_id, "occurrence": task.occurrence})
        _finish(run, task, {"happened": False, "on": run.today.isoformat()}, failure)


def _finish(run: Run, task: CaseTask, values: dict[str, Any], failure: RoutingError | None) -> None:
    held = run.case.data.get(task.step_id, {}) if task.step_id not in run.bundle.loops else {}
    run.project(task.step_id, {**held, **values}, task)
    task.finished_by = run.by
    early_reports(task).update(why=ReportedEvent.Why.OVER)  # one of this round must not end the wait of the next
    activation = StepActivation.resume(task, run)
    activation.finish()
    go_on(run, activation, failure)
