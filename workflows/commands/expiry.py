"""A clock ran out. The timer never ends a case: at most it opens a step for an official (R11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from viewflow.workflow.status import STATUS

from jobs.models import Job
from workflows import deadlines, messages
from workflows.commands import clocks, originals, outages
from workflows.commands.joining import look_at_joins
from workflows.commands.locking import hold, locked, moving
from workflows.errors import RoutingError
from workflows.models import CaseTask, Deadline
from workflows.nodes import StepActivation
from workflows.runtime import Run
from workflows.steps import law, leftovers, linked


def expire(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler of a timer: re-reads its deadline under the case lock; a stale timer does nothing."""
    moving(lambda failure: _expire(job, now, failure))
    return {}


def _expire(job: Job, now: datetime, failure: RoutingError | None) -> None:
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        deadline = Deadline.objects.select_related("task").get(pk=job.payload["deadline"])
        if deadline.state != Deadline.State.RUNNING or deadline.due_on is None:
            return
        if now < deadlines.end_of(deadline.due_on, run) or outages.note_before_the_end(run, deadline):
            return
        deadline.state, deadline.closed_at = Deadline.State.EXPIRED, now
        deadline.save(update_fields=["state", "closed_at"])
        which = {"occurrence": deadline.task.occurrence} if deadline.task is not None else {}
        fact = {"step": deadline.step_id, **which, "due_on": deadline.due_on.isoformat()}
        run.record("deadline.expired", fact)
        clocks.lapse_request(run, deadline)
        if deadline.kind == Deadline.Kind.ORIGINAL:
            originals.time_over(run, deadline)
        if deadline.kind == Deadline.Kind.TERM:
            linked.tell_of_delay(run)
        if deadline.task is None and deadline.on_expire and not deadlines.others_have_time(deadline):
            law.enter(run, deadline.on_expire)
        if deadline.task is not None and not leftovers.is_late(deadline.task):
            if deadline.on_expire and not deadlines.others_have_time(deadline):
                _lead_on(run, deadline.task, failure)
            look_at_joins(run, failure)


def warn(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: tell whoever must act that the time is nearly over; nothing when it was met or moved meanwhile."""
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        deadline = Deadline.objects.select_related("task__role", "task__owner__person").get(pk=job.payload["deadline"])
        if deadline.state != Deadline.State.RUNNING or deadline.task is None or deadline.due_on is None:
            return {}
        near = deadlines.warning_day(run, deadline.due_on, deadline.warn_before or 0)
        if now >= deadlines.end_of(near, run):  # else it was given more time since, and has a later timer
            messages.warn_of_deadline(run, deadline.task, deadline)
    return {}


def _lead_on(run: Run, task: CaseTask, failure: RoutingError | None) -> None:
    """Close the step that was not done in time and open the one that an official decides in."""
    if task.status not in (STATUS.NEW, STATUS.ASSIGNED):
        return
    activation = StepActivation.resume(task, run)
    expiry = activation.flow_task.expiry
    activation.cancel()
    if failure is not None:
        hold(run, task, failure)
        return
    activation._activate_next({expiry.target._create(activation, task.token)})
