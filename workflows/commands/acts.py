"""Officials edit, sign or send back an act; jobs report what became of a signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.utils.translation import gettext as _

from accounts.models import SigningIntent, User
from documents.api import DocumentContent, DocumentError, Signer, add_item, freeze_content
from documents.models import Document, FileItem
from jobs.models import Job
from procedures.api import SignStep
from signatures.api import SignatureError
from workflows import acts, deadlines, formalities, joinders
from workflows.commands import deciding
from workflows.commands.desk import Answered, file_form, finish, go_on, held_task
from workflows.commands.locking import hold, locked, moving
from workflows.errors import CommandRefused, RoutingError
from workflows.models import CaseTask, Incident
from workflows.nodes import StepActivation
from workflows.queries import holders
from workflows.rules import Action
from workflows.runtime import Run
from workflows.steps.registry import entry_name


def save_act(*, task: CaseTask, by: User, texts: Mapping[int, str], now: datetime) -> None:
    """Keep an official's wording of the act. Raises what `held_task` raises; CommandRefused for an unknown datum."""
    with locked(task.process_id, by=by.person, now=now) as run:
        current = held_task(run, task.pk, by)
        _rewrite(current, texts, now)


def finish_act(*, task: CaseTask, by: User, texts: Mapping[int, str], answered: Answered, now: datetime) -> None:
    """Keep the wording and send the act on to signature. Raises what `save_act` raises, and InvalidAnswers."""
    moving(lambda failure: _finish_act(task, by, texts, answered, now, failure))


def _finish_act(
    task: CaseTask,
    by: User,
    texts: Mapping[int, str],
    answered: Answered,
    now: datetime,
    failure: RoutingError | None,
) -> None:
    with locked(task.process_id, by=by.person, now=now) as run:
        current = held_task(run, task.pk, by)
        document = _rewrite(current, texts, now)
        file_form(run, current, answered)
        run.record("act.edited", {"document": document.definition_id, "content": document.content_sha256})
        finish(run, StepActivation.resume(current, run), failure)


def _rewrite(task: CaseTask, texts: Mapping[int, str], now: datetime) -> Document:
    document = Document.objects.get(pk=task.data["document"])
    content = acts.with_edited_texts(DocumentContent.model_validate(document.content), texts)
    try:
        return freeze_content(document=document, content=content, now=now)
    except DocumentError as error:
        raise CommandRefused(str(error)) from error


def sign(*, task: CaseTask, by: User, intent: SigningIntent, now: datetime) -> None:
    """Number the act if it is the first signature, and queue the signature; the step waits for it.

    `intent` is consumed by the caller in the same transaction, bound to the text that was shown. Raises what
    `held_task` raises, and CommandRefused when the text changed, names another signer or cannot be signed now.
    """
    with locked(task.process_id, by=by.person, now=now) as run:
        current = held_task(run, task.pk, by, Action.SIGN)
        try:
            _sign(run, current, by, intent)
        except (SignatureError, DocumentError) as error:
            raise CommandRefused(str(error)) from error


def _sign(run: Run, task: CaseTask, by: User, intent: SigningIntent) -> None:
    document = Document.objects.get(pk=task.data["document"])
    if intent.shown_sha256 != document.content_sha256:
        raise CommandRefused(_("El documento cambió después de que lo viste. Léelo de nuevo antes de firmar."))
    step = cast(SignStep, run.bundle.step(task.step_id))
    position = int(task.data["position"])
    post = _post(run, task, by)
    signer = Signer(name=by.person.full_name, post=post, field=f"Firma{position}")
    if position == 1 and document.state == Document.State.DRAFT:
        acts.name_signers(run, document, step, signer)
        acts.number_act(run, document)
    _check_printed(document, signer, position)
    request = acts.ask_signature(run, document, step, signer=by.person, post=post, position=position, intent=intent)
    task.data = {**task.data, "request": request}
    StepActivation.resume(task, run).start()
    run.record("act.signature_asked", {"document": document.definition_id, "position": position})


def _post(run: Run, task: CaseTask, by: User) -> str:
    return next(member.post for member in holders(task.role, run.today) if member.person_id == by.person.pk)


def _check_printed(document: Document, signer: Signer, position: int) -> None:
    printed = DocumentContent.model_validate(document.content).signers[position - 1]
    if printed.post and printed.name != signer.name:
        raise CommandRefused(
            _("El documento nombra a %(name)s como firmante. Devuélvelo para que se redacte de nuevo.")
            % {"name": printed.name}
        )


def send_back(*, task: CaseTask, by: User, reason: str, now: datetime) -> None:
    """Return an act that nobody signed yet to the step that drafts it, with a reason.

    Raises what `held_task` raises, and CommandRefused without a reason.
    """
    if not reason.strip():
        raise CommandRefused(_("Escribe por qué devuelves el documento."))
    moving(lambda failure: _send_back(task, by, reason.strip(), now, failure))


def _send_back(task: CaseTask, by: User, reason: str, now: datetime, failure: RoutingError | None) -> None:
    with locked(task.process_id, by=by.person, now=now) as run:
        current = held_task(run, task.pk, by, Action.SEND_BACK)
        activation = StepActivation.resume(current, run)
        activation.done_by_hand()
        deadlines.met(run, current)
        run.record("act.returned", {"step": current.step_id}, personal={"reason": reason})
        if failure is not None:
            hold(run, current, failure)
            return
        target = run.bundle.step(str(cast(SignStep, run.bundle.step(current.step_id)).on_return))
        node = activation.flow_class.instance.node(entry_name(target))
        activation._activate_next({node._create(activation, current.token)})


def signature_done(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: a signature stands on the document. Idempotent: a finished task is left alone."""
    moving(lambda failure: _effect_done(job, now, failure))
    return {}


seal_done = signature_done
"""Job handler: the institution's seal stands on the document of a seal step."""


def _effect_done(job: Job, now: datetime, failure: RoutingError | None) -> None:
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        task = _waiting_task(job)
        if task is None:
            return
        run.by = task.owner.person if task.owner else None
        document = Document.objects.get(pk=task.data["document"])
        if document.state == Document.State.IN_FORCE:
            _enter_act(run, document)
            formalities.open_for(run, document)
            joinders.pass_on(run, document)
            if deciding.decides(run, document):
                deciding.answered(run, document, now)
        activation = StepActivation.resume(task, run)
        if task.step_kind == "sign":
            activation.complete()
            deadlines.met(run, task)
            run.record("act.signed", {"document": document.definition_id, "position": task.data["position"]})
        else:
            activation.finish()
            run.record("act.sealed", {"document": document.definition_id, "sha256": document.sha256})
        _close_incidents(run, task)
        go_on(run, activation, failure)


def _close_incidents(run: Run, task: CaseTask) -> None:
    """A signature that failed before has worked now."""
    failed = Incident.objects.filter(task=task, kind=Incident.Kind.SIGNATURE, closed_at=None)
    if failed.update(closed_at=run.now):
        run.record("incident.closed", {"kind": Incident.Kind.SIGNATURE, "step": task.step_id})


def signature_failed(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: the signature was given up. A signer's task is the signer's again; an incident says so."""
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        task = _waiting_task(job)
        if task is None:
            return {}
        if task.step_kind == "sign":
            StepActivation.resume(task, run).take_back()
        detail = _("No se pudo firmar «%(step)s». Se puede volver a intentar.") % {"step": task.step_title}
        incident = hold(run, task, RoutingError(Incident.Kind.SIGNATURE, task.step_id, detail))
        incident.job_id = job.payload["job"]
        incident.save(update_fields=["job_id"])
    return {}


def _waiting_task(job: Job) -> CaseTask | None:
    """The task that waits for the effect of this follow-up job, if it still does; read under the case's lock."""
    waiting = CaseTask.objects.filter(process_id=job.case_id, status__in=["STARTED", "SCHEDULED"])
    waiting = waiting.filter(step_kind__in=["sign", "seal"], data__document=job.payload["payload"]["document"])
    return waiting.select_related("owner__person").first()


def _enter_act(run: Run, document: Document) -> None:
    if not FileItem.objects.filter(document=document).exists():
        add_item(
            file=run.case.file,
            document=document,
            direction=FileItem.Direction.OUT,
            origin="system",
            entered_by=run.agency.name,
            now=run.now,
        )
