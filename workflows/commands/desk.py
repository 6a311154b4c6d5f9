"""What officials do with a task: take it, put it back, finish it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.forms import Form
from django.utils.translation import gettext as _
from viewflow.workflow.status import STATUS

from accounts.models import User
from legaltime.api import local_date
from procedures.api import build_form
from workflows import answers, deadlines, ordering
from workflows.access import holds_role
from workflows.commands.locking import hold, locked, moving, task_of
from workflows.errors import CommandRefused, NotAllowed, RoutingError, TaskTaken
from workflows.models import CaseTask
from workflows.nodes import StepActivation
from workflows.runtime import Run


class InvalidAnswers(CommandRefused):
    """The form has errors; `form` carries them beside what was typed."""

    def __init__(self, form: Form) -> None:
        super().__init__(_("Hay un problema con las respuestas."))
        self.form = form


@dataclass(frozen=True)
class Answered:
    """What arrived with a page: posted fields, files and remarks per question."""

    data: Mapping[str, Any]
    files: Mapping[str, Any] = field(default_factory=dict)
    observations: Mapping[str, str] = field(default_factory=dict)


def claim(*, task: CaseTask, by: User, now: datetime, reason: str = "") -> None:
    """Take a task of one's role. Older ready cases go first (art. 7) unless `reason` is an order on record (R21).

    Raises NotAllowed, TaskTaken, TaskFinished or OrderOfEntry.
    """
    with locked(task.process_id, by=by.person, now=now) as run:
        current = task_of(run, task.pk)
        _may_act(run, current, by)
        if current.owner_id == by.pk:
            return
        if current.owner_id is not None:
            raise TaskTaken(str(current.owner))
        ordering.require_order(run, current, reason)
        StepActivation.resume(current, run).assign(by)
        run.record("task.claimed", {"step": current.step_id, "reason": reason})


def release(*, task: CaseTask, by: User, now: datetime) -> None:
    """Put one's task back where colleagues see it. Raises NotAllowed or TaskFinished."""
    with locked(task.process_id, by=by.person, now=now) as run:
        current = task_of(run, task.pk)
        if current.owner_id != by.pk or current.status != STATUS.ASSIGNED:
            raise NotAllowed
        StepActivation.resume(current, run).unassign()
        run.record("task.released", {"step": current.step_id})


def complete(*, task: CaseTask, by: User, answered: Answered, now: datetime) -> None:
    """File the form of a task and move the case on.

    Raises NotAllowed, TaskTaken, TaskFinished or InvalidAnswers. When the way on fails, what was filed stays and
    an incident is opened.
    """
    moving(lambda failure: _complete(task, by, answered, now, failure))


def _complete(task: CaseTask, by: User, answered: Answered, now: datetime, failure: RoutingError | None) -> None:
    with locked(task.process_id, by=by.person, now=now) as run:
        current = held_task(run, task.pk, by)
        filed = file_form(run, current, answered)
        run.observations = observations_for(run, filed, answered)
        activation = StepActivation.resume(current, run)
        finish(run, activation, failure)


def held_task(run: Run, task_id: int, by: User) -> CaseTask:
    """The task, when `by` holds it. Raises NotAllowed, TaskTaken or TaskFinished."""
    current = task_of(run, task_id)
    _may_act(run, current, by)
    if current.owner_id is None:
        raise NotAllowed(_("Toma primero este paso para poder resolverlo."))
    if current.owner_id != by.pk:
        raise TaskTaken(str(current.owner))
    if current.status != STATUS.ASSIGNED:
        raise CommandRefused(_("Este paso está esperando una firma. Espera a que termine."))
    return current


def file_form(run: Run, task: CaseTask, answered: Answered) -> Mapping[str, Any]:
    """Validate and store the step's answers; empty for a step without a form. Raises InvalidAnswers."""
    if run.bundle.form_of(task.step_id) is None:
        return {}
    form = build_form(
        bundle=run.bundle,
        step_id=task.step_id,
        page=None,
        answers=run.case.data,
        data=answered.data,
        files=answered.files,
    )
    if not form.is_valid():
        raise InvalidAnswers(form)
    filed: Mapping[str, Any] = form.cleaned_answers()
    answers.store(run, step_id=task.step_id, form_step=task.step_id, answers=filed, occurrence=task.occurrence)
    return filed


def observations_for(run: Run, filed: Mapping[str, Any], answered: Answered) -> dict[str, str]:
    """The remarks that were written, without the empty ones."""
    return {name: text.strip() for name, text in answered.observations.items() if text.strip()}


def finish(run: Run, activation: StepActivation, failure: RoutingError | None) -> None:
    """Mark the task done, stop its clocks and move the case, or hold it with an incident."""
    task = activation.task
    activation.done_by_hand()
    deadlines.met(run, task)
    run.record("task.completed", {"step": task.step_id, "occurrence": task.occurrence})
    go_on(run, activation, failure)


def go_on(run: Run, activation: StepActivation, failure: RoutingError | None) -> None:
    """Move the case on from a finished task, or hold it where `failure` says why it cannot move."""
    if failure is None:
        activation.activate_next()
    else:
        hold(run, activation.task, failure)


def _may_act(run: Run, task: CaseTask, by: User) -> None:
    if task.role is None or not holds_role(by.person, task.role, local_date(run.now, run.place.zone)):
        raise NotAllowed
