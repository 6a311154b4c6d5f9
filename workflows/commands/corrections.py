"""The applicant answers a correction, question by question (Ley 19.880 art. 31); online, or on paper at a counter."""

from __future__ import annotations

from datetime import datetime

from viewflow.workflow.status import STATUS

from accounts.models import Person
from signatures.api import record_evidence
from signatures.models import EvidenceRecord
from workflows import answers, deadlines, drafts, papers, queries, receipts
from workflows.access import correctable_by
from workflows.commands.desk import finish
from workflows.commands.filing import file_uploads
from workflows.commands.locking import locked, moving, task_of
from workflows.cosigners import Signature
from workflows.errors import AlreadyFiled, DraftChanged, NotAllowed, RoutingError, TaskFinished
from workflows.models import CaseTask, Channel, Draft, Submission
from workflows.nodes import StepActivation
from workflows.runtime import Run


def answer_correction(
    *, draft: Draft, by: Person, signature: Signature | None, now: datetime, paper: papers.OnPaper | None = None
) -> None:
    """File the answer and give the case back to the official who asked.

    With `paper`, an official typed what the person brought to the counter, and it counts from when they received it.

    An answer after the time is over is kept too, while an official decides whether to accept it (R11): it moves
    nothing. Raises NotAllowed, TaskFinished (it was answered or decided), AlreadyFiled, DraftChanged,
    drafts.Incomplete, and for a paper what `papers.check` does.
    """
    moving(lambda failure: _answer(draft, by, signature, now, paper, failure))


def _answer(
    draft: Draft,
    by: Person,
    signature: Signature | None,
    now: datetime,
    paper: papers.OnPaper | None,
    failure: RoutingError | None,
) -> None:
    assert draft.task is not None
    with locked(draft.task.process_id, by=by, now=now) as run:
        current = _locked(draft)
        whose = current.attendance.person if paper is not None and current.attendance is not None else by
        if not correctable_by(whose).filter(pk=run.case.pk).exists():
            raise NotAllowed
        if current.filed_at is not None:
            raise AlreadyFiled
        waiting = queries.correction_to_answer(run.case)
        if waiting is None or waiting.task.pk != draft.task.pk:
            raise TaskFinished
        if paper is not None:
            papers.check(run, waiting.task, paper)
        submission = _file(run, current, waiting.task, signature, paper)
        kept = papers.keep(run, current, submission, waiting.task, paper) if paper is not None else None
        deadlines.heard(run)
        if waiting.is_late:
            arrived = "in_time" if kept is not None and kept.is_in_time else "late"
            run.record(f"correction.answered_{arrived}", {"step": waiting.task.step_id})
            return
        task = task_of(run, waiting.task.pk)
        task.status = STATUS.ASSIGNED
        finish(run, StepActivation.resume(task, run), failure)


def _locked(draft: Draft) -> Draft:
    related = ("version", "task__process", "attendance__person", "attendance__agency", "attendance__official")
    current: Draft = Draft.objects.select_for_update(of=("self",)).select_related(*related).get(pk=draft.pk)
    return current


def _file(
    run: Run, draft: Draft, task: CaseTask, signature: Signature | None, paper: papers.OnPaper | None
) -> Submission:
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
        channel=Channel.COUNTER if paper else Channel.WEB,
        attachments=file_uploads(run, draft, given),
    )
    evidence = _evidence(run, task, submission, signature)
    receipts.file_correction(run, submission, evidence, paper.received_at if paper else None)
    Draft.objects.filter(pk=draft.pk).update(filed_at=run.now, typed={})
    return submission


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
