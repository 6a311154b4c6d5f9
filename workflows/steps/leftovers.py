"""What a block leaves open when the case goes on without it: closed with a reason, or kept as a late report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workflows import deadlines, needless
from workflows.models import CaseTask, Incident
from workflows.nodes.base import LATE, StepActivation
from workflows.runtime import Run

DROPPED = "dropped"
"""Key of a task's data: why it was closed without its outcome."""


def is_late(task: CaseTask) -> bool:
    """Whether the case went on without this report."""
    return bool(task.data.get(LATE))


def settle(run: Run, tasks: Iterable[CaseTask], *, keeps_late: bool) -> None:
    """Close what a block left open. An official's task may stay open as a late report (Ley 19.880 art. 38)."""
    for task in tasks:
        if keeps_late and task.step_kind == "task":
            _note(task, LATE, True)
            run.record("report.late", {"step": task.step_id, "occurrence": task.occurrence})
        else:
            drop(run, task, "join")


def drop(run: Run, task: CaseTask, why: str) -> None:
    """Close a task without its outcome, with its clocks; `why` is "join" or "ended"."""
    _note(task, DROPPED, why)
    StepActivation.resume(task, run).cancel()
    deadlines.met(run, task)
    run.record("task.dropped", {"step": task.step_id, "occurrence": task.occurrence, "why": why})
    needless.step(run, task, why)


def _note(task: CaseTask, key: str, value: Any) -> None:
    task.data = {**task.data, key: value}
    CaseTask.objects.filter(pk=task.pk).update(data=task.data)


def close_incidents(run: Run, prefix: str) -> None:
    """What stopped a branch, or the steps of a case, that nobody waits for any more stops nothing."""
    stuck = Incident.objects.filter(case=run.case, closed_at=None, task__isnull=False).select_related("task")
    stuck = stuck.exclude(kind__in=Incident.BESIDE)
    for incident in stuck.defer("task__flow_task"):
        if incident.task is not None and str(incident.task.token).startswith(prefix):
            incident.closed_at = run.now
            incident.save(update_fields=["closed_at"])
            run.record("incident.closed", {"kind": incident.kind, "step": incident.step_id})
