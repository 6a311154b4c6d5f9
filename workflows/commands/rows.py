"""An official adds a row to a block that repeats while it runs."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.utils.translation import gettext as _
from viewflow.workflow.token import Token

from accounts.api import roles_of
from accounts.models import User
from procedures.api import ForEachStep
from workflows import answers
from workflows.access import check_keeps_in
from workflows.commands.desk import Answered, InvalidAnswers, attach_files, row_form
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed, RoutingError
from workflows.models import Case, CaseTask
from workflows.nodes import StepActivation
from workflows.queries import running_block
from workflows.runtime import Run


def add_row(
    *, case: Case, step_id: str, by: User, answered: Answered, now: datetime, seen: int | None = None
) -> CaseTask:
    """Add a row and open its first step, which is returned. `seen`: how many there were when the page was shown.

    Raises NotAllowed, InvalidAnswers, or CommandRefused when the block does not run (any more), or when a row with the
    same answers came in since the page was shown: a second press would open every step of it twice. Where its first
    step cannot be opened nothing is added either: the other rows go on, and the refusal says why.
    """
    try:
        return _add_locked(case, step_id, by, answered, now, seen)
    except RoutingError as failure:
        raise CommandRefused(failure.detail) from failure


def _add_locked(case: Case, step_id: str, by: User, answered: Answered, now: datetime, seen: int | None) -> CaseTask:
    with locked(case.pk, by=by.person, now=now) as run:
        block = run.bundle.steps_by_id.get(step_id)
        if not isinstance(block, ForEachStep) or block.added_by is None:
            raise CommandRefused
        role = run.role(block.added_by)
        if role is None or role.pk not in {mine.pk for mine in roles_of(by.person, run.today)}:
            raise NotAllowed
        check_keeps_in(run.case, by.person, run.today)
        split = running_block(run.case, step_id)
        if split is None:
            raise CommandRefused(_("Estos pasos ya terminaron o todavía no empiezan: no se pueden agregar más."))
        return _add(run, block, split, answered, seen)


def _add(run: Run, block: ForEachStep, split: CaseTask, answered: Answered, seen: int | None) -> CaseTask:
    form = row_form(run.case, block.id, answered, run.today)
    if not form.is_valid():
        raise InvalidAnswers(form)
    attached = attach_files(run, form)
    given, place = form.cleaned_answers(), int(split.data["branches"]) + 1
    held = run.case.data[block.id]
    if seen is not None and any(given.items() <= row.items() for row in held["rows"][seen:]):
        raise CommandRefused(_("Hace un momento se agregó una fila igual. Si es otra más, envíala de nuevo."))
    answers.store(run, step_id=block.id, form_step=block.id, answers=given, occurrence=place, attachments=attached)
    rows = [*held["rows"], {"id": secrets.token_hex(4), **given}]
    run.project(block.id, {**held, "rows": rows, "count": len(rows)})
    split.data = {**split.data, "branches": place}
    CaseTask.objects.filter(pk=split.pk).update(data=split.data)
    activation = StepActivation.resume(split, run)
    born = activation.flow_task.first._create(activation, Token(f"{split.token}/{split.pk}_{place}"))
    activation._activate_next({born})
    run.record("row.added", {"step": block.id, "row": place})
    task: CaseTask = born.task
    return task
