"""A command locks exactly one case, first, and re-reads everything inside the lock (docs/locks.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Person
from jobs.api import CaseMissing
from workflows.errors import CaseJoined, CommandRefused, RoutingError, TaskFinished
from workflows.incidents import open_incident
from workflows.models import Case, CaseTask, Incident
from workflows.nodes.base import OPEN, PAUSED
from workflows.prepared import PreparedRead
from workflows.runtime import Run

Result = TypeVar("Result")

LOCKED_CASE = PreparedRead(
    1, lambda case: Case.objects.select_for_update(of=("self",)).select_related("agency").filter(pk=case)
)
TASK = PreparedRead(2, lambda case, task: CaseTask.objects.select_related("role").filter(process_id=case, pk=task))


@contextmanager
def locked(case_id: int, *, by: Person | None, now: datetime) -> Iterator[Run]:
    """A transaction that holds the case row; saves the case when the block ends well."""
    with transaction.atomic():
        case = LOCKED_CASE.first(case_id)
        if case is None:
            raise Case.DoesNotExist
        run = Run(case=case, now=now, by=by)
        yield run
        run.close()


@contextmanager
def locked_pair(one_id: int, other_id: int, *, by: Person, now: datetime) -> Iterator[tuple[Run, Run]]:
    """A transaction that holds two cases, for the only commands about both (arts. 33, 40 and 42).

    They join them, split them, let a person leave while joined, or declare that a joined one cannot go on (art. 40).

    The one with the lower id is locked first, and both before anything else: who holds a case and waits for another
    one always waits for a higher id, so no two of them wait for each other (docs/locks.md).
    """
    with transaction.atomic():
        held = {pk: LOCKED_CASE.first(pk) for pk in sorted({one_id, other_id})}
        runs = [Run(case=case, now=now, by=by) for pk in (one_id, other_id) if (case := held[pk]) is not None]
        if len(runs) != 2:
            raise Case.DoesNotExist
        yield runs[0], runs[1]
        for run in runs:
            run.close()


def lock_case(case_id: int) -> None:
    """What jobs bound to a case do before they touch the job row. Raises CaseMissing."""
    if not Case.objects.select_for_update(of=("self",)).filter(pk=case_id).values_list("pk").first():
        raise CaseMissing


def task_of(run: Run, task_id: int) -> CaseTask:
    """The task as it is now, inside the lock. Raises TaskFinished when somebody was faster, and CaseJoined."""
    task: CaseTask | None = TASK.first(run.case.pk, task_id)
    if task is None:
        raise CommandRefused
    task.process = run.case
    if task.status == PAUSED:
        raise CaseJoined(run.case.joined_to.number if run.case.joined_to else "")
    if task.status not in OPEN:
        zone = ZoneInfo(run.place.zone)
        when = task.finished.astimezone(zone).strftime("%d/%m/%Y %H:%M") if task.finished else ""
        raise TaskFinished(str(task.finished_by or ""), when)
    return task


def moving(once: Callable[[RoutingError | None], Result]) -> Result:
    """Run a command that moves the case. When the way on fails, run it again without moving.

    What the person did is kept either way; the second run opens an incident, so the case does not stand still
    unseen. Each run is a transaction of its own, begun by `once`; inside another transaction, a savepoint.
    """
    try:
        return once(None)
    except RoutingError as failure:
        return once(failure)


def hold(run: Run, task: CaseTask, failure: RoutingError) -> Incident:
    """Open the incident of a case that could not move on from `task`."""
    return open_incident(run, kind=failure.kind, detail=failure.detail, step_id=failure.step_id, task=task)
