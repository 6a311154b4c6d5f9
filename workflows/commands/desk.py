"""What officials do with a task: take it, put it back, finish it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from documents.api import add_item, attach_upload, store_upload
from documents.models import Document, FileItem
from legaltime.api import local_date
from procedures.api import Around, Bundle, ListPlace, PageForm, build_form, pesos_on
from workflows import answers, deadlines
from workflows.bandeja import Bandeja
from workflows.commands.joining import look_at_joins
from workflows.commands.locking import hold, locked, moving, task_of
from workflows.errors import (
    Abstained,
    CommandRefused,
    IsParty,
    NotAllowed,
    ObservationsLost,
    OrderOfEntry,
    RoutingError,
    TaskFinished,
    TaskTaken,
)
from workflows.models import Case, CaseTask, Channel
from workflows.nodes import StepActivation
from workflows.queries import task_facts
from workflows.rounds import is_overtaken
from workflows.rules import Action, Refusal, refusal
from workflows.runtime import Run
from workflows.scopes import data_for
from workflows.steps import leftovers
from workflows.uploads import clean_name, inspected

MOST_TRIES = 50
"""How many steps "Tomar la siguiente" tries: a colleague may be faster, or some step be for somebody else to do."""


class InvalidAnswers(CommandRefused):
    """The form has errors; `form` carries them beside what was typed."""

    def __init__(self, form: PageForm) -> None:
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
        allow(Action.CLAIM, run, current, by, reasoned=bool(reason.strip()))
        if current.owner_id == by.pk:
            return
        StepActivation.resume(current, run).assign(by)
        order = {"reason": reason.strip()} if reason.strip() else None
        run.record("task.claimed", {"step": current.step_id, "out_of_order": order is not None}, personal=order)


def take_next(*, by: User, on: date, now: datetime) -> CaseTask | None:
    """Take the oldest ready task of the roles that one holds on that day and may do; None when nothing waits."""
    for task in Bandeja(by.person, on).next_tasks()[:MOST_TRIES]:
        try:
            claim(task=task, by=by, now=now)
        except (NotAllowed, TaskTaken, TaskFinished, OrderOfEntry):
            continue
        return task
    return None


def release(*, task: CaseTask, by: User, now: datetime) -> None:
    """Put one's task back where colleagues see it. Raises NotAllowed, TaskTaken, TaskFinished or CommandRefused."""
    with locked(task.process_id, by=by.person, now=now) as run:
        current = held_task(run, task.pk, by, Action.RELEASE)
        StepActivation.resume(current, run).unassign()
        run.record("task.released", {"step": current.step_id})


def complete(*, task: CaseTask, by: User, answered: Answered, now: datetime) -> None:
    """File the form of a task and move the case on.

    Raises NotAllowed, TaskTaken, TaskFinished, InvalidAnswers or ObservationsLost. When the way on fails, what was
    filed stays and an incident is opened.
    """
    moving(lambda failure: _complete(task, by, answered, now, failure))


def _complete(task: CaseTask, by: User, answered: Answered, now: datetime, failure: RoutingError | None) -> None:
    with locked(task.process_id, by=by.person, now=now) as run:
        current = held_task(run, task.pk, by)
        file_form(run, current, answered)
        run.observations = {name: text.strip() for name, text in answered.observations.items() if text.strip()}
        finish(run, StepActivation.resume(current, run), failure)
        if run.observations and failure is None and not any(born.step_kind == "correction" for born in run.tasks):
            raise ObservationsLost


def held_task(run: Run, task_id: int, by: User, action: Action = Action.COMPLETE) -> CaseTask:
    """The task, when `by` holds it and may do that. Raises NotAllowed, TaskTaken, TaskFinished or CommandRefused."""
    current = task_of(run, task_id)
    allow(action, run, current, by)
    return current


def allow(action: Action, run: Run, task: CaseTask, by: User, *, reasoned: bool = False) -> None:
    """Ask the rules that feed the buttons, under the case's lock. Raises the refusal as a named error."""
    if task.owner_id == by.pk:
        task.owner = by
    why = refusal(action, task_facts(run.case, task, by.person, run.today), reasoned=reasoned)
    if why is not None:
        raise _error(why, task)


def _error(why: Refusal, task: CaseTask) -> CommandRefused:
    match why:
        case Refusal.TAKEN:
            return TaskTaken(str(task.owner))
        case Refusal.FINISHED:
            return TaskFinished()
        case Refusal.OUT_OF_ORDER:
            return OrderOfEntry()
        case Refusal.DID_ANOTHER:
            return NotAllowed(_("Hiciste otro paso de esta solicitud: este lo debe hacer otra persona de tu grupo."))
        case Refusal.NOT_WHO_DID:
            return NotAllowed(_("Este paso lo hace quien hizo el anterior. Pídele que lo tome."))
        case Refusal.ALONE:
            return NotAllowed(_("Hiciste otro paso de esta solicitud. Como no hay otra persona, escribe la razón."))
        case Refusal.ABSTAINED:
            return Abstained()
        case Refusal.PARTY:
            return IsParty()
        case Refusal.NO_ROLE:
            return NotAllowed()
        case Refusal.BARRED:
            return NotAllowed(_("Firmaste el acto reclamado: el recurso jerárquico lo resuelve otra persona."))
        case Refusal.NOT_TAKEN:
            return NotAllowed(_("Toma primero este paso para poder resolverlo."))
        case Refusal.WAITING_SIGNATURE:
            return CommandRefused(_("Este paso está esperando una firma. Espera a que termine."))
        case Refusal.CANNOT_RETURN:
            return CommandRefused(_("Este documento ya no se puede devolver."))
        case Refusal.OTHER_KIND:
            return CommandRefused()


def form_of(
    case: Case, task: CaseTask, data: Any = None, files: Any = None, today: date | None = None
) -> PageForm | None:
    """The form of a task, empty or with what was posted `today`; None for a step without a form.

    What the same step answered in an earlier round is not put before the official again.
    """
    if case.flow_class.bundle.form_of(task.step_id) is None:
        return None
    return _asked(case, task.step_id, data_for(case, task), data, files, today)


def row_form(case: Case, step_id: str, answered: Answered | None = None, today: date | None = None) -> PageForm:
    """The form with which an official adds a row to a block, empty or with what was posted `today`."""
    data, files = (answered.data, answered.files) if answered is not None else (None, None)
    return _asked(case, step_id, case.data, data, files, today)


def _asked(case: Case, step_id: str, known: Mapping[str, Any], data: Any, files: Any, today: date | None) -> PageForm:
    bundle: Bundle = case.flow_class.bundle.spoken("es", get_language() or "es")
    day = local_date(case.filed_at, case.agency.time_zone)
    return build_form(
        bundle=bundle,
        step_id=step_id,
        page=None,
        answers={name: values for name, values in known.items() if name != step_id},
        data=data,
        files=files,
        around=Around(
            lists=lambda: ListPlace((case.agency_id, case.version.procedure.owner_id), case.filed_at),
            commune=lambda: case.agency.commune,
            today=lambda: today or day,
        ),
        pesos=pesos_on(day) if bundle.uses_indicators else None,
    )


def file_form(run: Run, task: CaseTask, answered: Answered, channel: str = Channel.WEB) -> None:
    """Validate and store the step's answers, if it has a form. Raises InvalidAnswers."""
    form = form_of(run.case, task, answered.data, answered.files, run.today)
    if form is None:
        return
    if not form.is_valid():
        raise InvalidAnswers(form)
    attached = attach_files(run, form)
    answers.store(
        run,
        step_id=task.step_id,
        form_step=task.step_id,
        answers=form.cleaned_answers(),
        channel=channel,
        occurrence=task.occurrence,
        attachments=attached,
        task=task,
    )


def attach_files(run: Run, form: PageForm) -> dict[str, list[Document]]:
    """An official's files that came with a form, entered at once; {question id: its documents}, of rows the group's."""
    attached: dict[str, list[Document]] = {}
    for name, uploads in form.new_files().items():
        documents = [attach_file(run, upload) for upload in uploads]
        for document in documents:
            form.keep_file(name, file_answer(document))
        attached.setdefault(form.holder(name), []).extend(documents)
    return attached


def attach_file(run: Run, upload: UploadedFile[bytes]) -> Document:
    """An official's file, entered in the electronic file at once."""
    seen = inspected(upload)
    blob = store_upload(data=seen.data, media_type=seen.media_type, now=run.now)
    document = attach_upload(file=run.case.file, blob=blob, title=clean_name(upload.name or ""), now=run.now)
    add_item(
        file=run.case.file,
        document=document,
        direction=FileItem.Direction.INTERNAL,
        origin="web form",
        entered_by=str(run.by),
        now=run.now,
    )
    return document


def file_answer(document: Document) -> dict[str, Any]:
    """An attached document as it stands in an answer."""
    assert document.blob is not None
    return {
        "name": document.title,
        "sha256": document.sha256,
        "size": document.blob.size,
        "media_type": document.blob.media_type,
    }


def finish(run: Run, activation: StepActivation, failure: RoutingError | None) -> None:
    """Mark the task done, stop its clocks and move the case, or hold it with an incident."""
    task = activation.task
    activation.done_by_hand()
    deadlines.met(run, task)
    run.record("task.completed", {"step": task.step_id, "occurrence": task.occurrence})
    go_on(run, activation, failure)


def go_on(run: Run, activation: StepActivation, failure: RoutingError | None) -> None:
    """Move the case on from a finished task, or hold it where `failure` says why it cannot move.

    A late report is in the file already and moves nothing (Ley 19.880 art. 38).
    """
    if leftovers.is_late(activation.task):
        kind = "report.overtaken" if is_overtaken(activation.task) else "report.archived"
        run.record(kind, {"step": activation.task.step_id})
    elif failure is None:
        activation.activate_next()
        look_at_joins(run)
    else:
        hold(run, activation.task, failure)
