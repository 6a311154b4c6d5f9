"""The applicant answers a correction, question by question (Ley 19.880 art. 31)."""

from __future__ import annotations

from datetime import datetime

from viewflow.workflow.status import STATUS

from accounts.models import Person
from signatures.api import record_evidence
from signatures.models import EvidenceRecord
from workflows import answers, deadlines, drafts, queries, receipts
from workflows.access import own_cases
from workflows.commands.desk import finish
from workflows.commands.filing import file_uploads
from workflows.commands.locking import locked, moving, task_of
from workflows.cosigners import Signature
from workflows.errors import AlreadyFiled, DraftChanged, NotAllowed, RoutingError, TaskFinished
from workflows.models import CaseTask, Draft, Submission
from workflows.nodes import StepActivation
from workflows.runtime import Run


def answer_correction(*, draft: Draft, by: Person, signature: Signature | None, now: datetime) -> None:
    """File the answer and give the case back to the official who asked.

    An answer after the time is over is kept too, while an official decides whether to accept it (R11): it moves
    nothing. Raises NotAllowed, TaskFinished (it was answered or decided), AlreadyFiled, DraftChanged or
    drafts.Incomplete.
    """
    moving(lambda failure: _answer(draft, by, signature, now, failure))


def _answer(draft: Draft, by: Person, signature: Signature | None, now: datetime, failure: RoutingError | None) -> None:
    assert draft.task is not None
    with locked(draft.task.process_id, by=by, now=now) as run:
        if not own_cases(by).filter(pk=run.case.pk).exists():
            raise NotAllowed
        current = (
            Draft.objects.select_for_update(of=("self",)).select_related("version", "task__process").get(pk=draft.pk)
        )
        if current.filed_at is not None:
            raise AlreadyFiled
        waiting = queries.correction_to_answer(run.case)
        if waiting is None or waiting.task.pk != draft.task.pk:
            raise TaskFinished
        _file(run, current, waiting.task, signature)
        deadlines.heard(run)
        if waiting.is_late:
            run.record("correction.answered_late", {"step": waiting.task.step_id})
            return
        task = task_of(run, waiting.task.pk)
        task.status = STATUS.ASSIGNED
        finish(run, StepActivation.resume(task, run), failure)


def _file(run: Run, draft: Draft, task: CaseTask, signature: Signature | None) -> None:
    """Store the answer with its evidence, and put it into the electronic file."""
    given = drafts.complete_answers(draft)
    if signature is not None and signature.intent.shown_sha256 != drafts.shown_hash(draft, given):
        raise DraftChanged
    submission = answers.store(
        run,
        step_id=task.step_id,
        form_step=draft.step_id,
        answers=given,
        blank=drafts.left_blank(draft, given),
        amends=Submission.objects.filter(case=run.case, step_id=draft.step_id).earliest("seq"),
        occurrence=task.occurrence,
        locale=draft.locale,
        attachments=file_uploads(run, draft, given),
    )
    receipts.file_correction(run, submission, _evidence(run, task, submission, signature))
    Draft.objects.filter(pk=draft.pk).update(filed_at=run.now)


def _evidence(run: Run, task: CaseTask, submission: Submission, signature: Signature | None) -> EvidenceRecord | None:
    """What the person's signature rests on; none where they may answer without signing in."""
    if signature is None:
        return None
    return record_evidence(
        subject=f"case:{run.case.ref}",
        intent=signature.intent,
        presentation_sha256=submission.presentation_sha256,
        facts={"step": task.step_id},
        now=run.now,
    )
