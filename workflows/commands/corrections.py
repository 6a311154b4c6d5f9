"""The applicant answers a correction, question by question (Ley 19.880 art. 31)."""

from __future__ import annotations

from datetime import datetime

from viewflow.workflow.status import STATUS

from accounts.models import Person
from signatures.api import record_evidence
from workflows import answers, drafts, receipts
from workflows.access import own_cases
from workflows.commands.desk import finish
from workflows.commands.filing import Signature, file_uploads
from workflows.commands.locking import locked, moving, task_of
from workflows.errors import AlreadyFiled, DraftChanged, NotAllowed, RoutingError
from workflows.models import Draft, Submission
from workflows.nodes import StepActivation


def answer_correction(*, draft: Draft, by: Person, signature: Signature, now: datetime) -> None:
    """File the answer and give the case back to the official who asked.

    Raises NotAllowed, TaskFinished (the time is over and an official decides), AlreadyFiled, DraftChanged or
    drafts.Incomplete.
    """
    moving(lambda failure: _answer(draft, by, signature, now, failure))


def _answer(draft: Draft, by: Person, signature: Signature, now: datetime, failure: RoutingError | None) -> None:
    assert draft.task is not None
    with locked(draft.task.process_id, by=by, now=now) as run:
        if not own_cases(by).filter(pk=run.case.pk).exists():
            raise NotAllowed
        current = (
            Draft.objects.select_for_update(of=("self",)).select_related("version", "task__process").get(pk=draft.pk)
        )
        if current.filed_at is not None:
            raise AlreadyFiled
        task = task_of(run, draft.task.pk)
        given = drafts.complete_answers(current)
        if signature.intent.shown_sha256 != drafts.shown_hash(current, given):
            raise DraftChanged
        amended = Submission.objects.filter(case=run.case, step_id=current.step_id).earliest("seq")
        submission = answers.store(
            run,
            step_id=task.step_id,
            form_step=current.step_id,
            answers=given,
            amends=amended,
            occurrence=task.occurrence,
            locale=current.locale,
            attachments=file_uploads(run, current, given),
        )
        record_evidence(
            subject=f"case:{run.case.ref}",
            intent=signature.intent,
            presentation_sha256=submission.presentation_sha256,
            facts={"step": task.step_id},
            now=now,
        )
        receipts.file_correction(run, submission)
        Draft.objects.filter(pk=current.pk).update(filed_at=now)
        task.status = STATUS.ASSIGNED
        finish(run, StepActivation.resume(task, run), failure)
