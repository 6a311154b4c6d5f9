"""Taking cases from one version of their procedure to another: an order, then one transaction for each case."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from viewflow.workflow.base import Flow

from accounts.models import Person
from audit.api import append_to_stream
from documents.api import in_spanish
from jobs.api import enqueue_all, new_job
from jobs.models import Job
from procedures.models import Offering
from workflows.commands.locking import locked
from workflows.deadlines import rule_case_term
from workflows.errors import CommandRefused, RoutingError
from workflows.models import Case, CaseMove, CaseTask, Draft, VersionMove
from workflows.nodes.base import OPEN
from workflows.nodes.work import HumanNode, responsible
from workflows.registry import flow_of
from workflows.rules import HELD, WAITING
from workflows.runtime import Run
from workflows.versions.standing import cases_of, live_tasks, verdicts

MOVE = "workflows.move_case"
"""Job kind: takes one case to another version."""
State = CaseMove.State


@transaction.atomic
def order_move(
    *,
    source: Offering,
    target: Offering,
    reason: str,
    by: Person | None,
    now: datetime,
    only: Collection[int] | None = None,
) -> VersionMove:
    """Take the open cases of `source` that fit (those of the ids `only`, when given) to `target`, each by a job.

    Raises CommandRefused without a reason, between different procedures or agencies, or when no case can go.
    """
    if not reason.strip():
        raise CommandRefused(_("Escribe por qué pasan a otra versión. Queda en el historial de cada solicitud."))
    if source == target or not _are_of_one_procedure(source, target):
        raise CommandRefused(_("Elige otra versión del mismo trámite de tu institución."))
    chosen = cases_of(source) if only is None else cases_of(source).filter(pk__in=only)
    fitting = [verdict.case for verdict in verdicts(chosen, source, target) if not verdict.problems]
    if not fitting:
        raise CommandRefused(_("Ninguna solicitud puede pasar a esa versión."))
    move = VersionMove(source=source, target=target, reason=reason.strip()[:500], by=by, at=now)
    return _begin(move, fitting)


@transaction.atomic
def undo_move(*, move: VersionMove, reason: str, by: Person | None, now: datetime) -> VersionMove:
    """Order the way back for every case that went over, and stop those that wait to. One that has gone on may stay.

    Raises CommandRefused when it was undone before, without a reason, or when no case went over nor waits to.
    """
    locked_move = VersionMove.objects.select_for_update(of=("self",)).get(pk=move.pk)
    if VersionMove.objects.filter(undoes=locked_move).exists():
        raise CommandRefused(_("Este cambio ya se deshizo."))
    if not reason.strip():
        raise CommandRefused(_("Escribe por qué lo deshaces. Queda en el historial de cada solicitud."))
    stopped = move.cases.filter(state=State.PENDING).update(state=State.REFUSED, problems=[_undone()], at=now)
    went = Case.objects.defer("flow_class").filter(moves__move=move, moves__state=State.MOVED).order_by("pk")
    if not stopped and not went:
        raise CommandRefused(_("Ninguna solicitud pasó: no hay nada que deshacer."))
    back = VersionMove(
        source=move.target, target=move.source, reason=reason.strip()[:500], by=by, at=now, undoes=locked_move
    )
    return _begin(back, list(went))


@in_spanish
def _undone() -> str:
    return _("El cambio se deshizo antes de que pasara.")


def resume_move(*, move: VersionMove, now: datetime) -> int:
    """Ask again for the cases that still wait; how many. One that went over meanwhile is left alone.

    Raises CommandRefused when none waits.
    """
    waiting = list(move.cases.filter(state=State.PENDING))
    if not waiting:
        raise CommandRefused(_("No falta ninguna: cada solicitud de este cambio ya tiene su resultado."))
    _enqueue(waiting, now)
    return len(waiting)


def _are_of_one_procedure(source: Offering, target: Offering) -> bool:
    return source.agency_id == target.agency_id and source.version.procedure_id == target.version.procedure_id


def _begin(move: VersionMove, cases: list[Case]) -> VersionMove:
    move.agency_id = move.source.agency_id
    move.save()
    rows = CaseMove.objects.bulk_create(CaseMove(move=move, case=case, agency_id=move.agency_id) for case in cases)
    _enqueue(rows, move.at)
    append_to_stream(
        stream=f"publishing:{move.agency_id}",
        kind="cases.move_ordered",
        actor=f"person:{move.by_id}" if move.by_id else "system:command",
        at=move.at,
        body={
            "procedure": move.source.version.procedure.code,
            "from": move.source.version.number,
            "to": move.target.version.number,
            "cases": len(rows),
            "undoes": move.undoes_id,
        },
    )
    return move


def _enqueue(rows: list[CaseMove], now: datetime) -> None:
    enqueue_all(
        jobs=[
            new_job(kind=MOVE, payload={"move": row.pk}, now=now, agency_id=row.agency_id, case_id=row.case_id)
            for row in rows
        ]
    )


def move_case(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: take one case over, unless it stands elsewhere by now. Running again changes nothing."""
    rows = CaseMove.objects.select_for_update(of=("self",))  # whoever undoes the order stops the rows that wait
    row = rows.select_related("move__by", "move__source__version", "move__target__version__procedure__owner").get(
        pk=job.payload["move"]
    )
    if row.state != State.PENDING:
        return {"state": row.state}
    try:
        problems = _problems_now(row)
        if not problems:
            _go_over(row, now)
    except RoutingError as error:
        problems = [error.detail]
    row.state, row.problems, row.at = (State.REFUSED if problems else State.MOVED), problems, now
    row.save(update_fields=["state", "problems", "at"])
    return {"state": row.state}


def _problems_now(row: CaseMove) -> list[str]:
    """What keeps the case, which the job has locked, where it is."""
    move, case = row.move, Case.objects.defer("flow_class").get(pk=row.case_id)
    if case.finished is not None:
        return [_("Terminó antes de pasar.")]
    if case.offering_id != move.source_id:
        return [_("Ya no estaba en esa versión.")]
    return next(verdicts([case], move.source, move.target)).problems


def _go_over(row: CaseMove, now: datetime) -> None:
    """Pin the case to the other version. Raises RoutingError where nobody is bound to the role of an open step."""
    source, target = row.move.source, row.move.target
    with locked(row.case_id, by=row.move.by, now=now) as run:
        tasks = live_tasks(run.case)
        flow = flow_of(target.version)
        run.case.flow_class, run.case.version, run.case.offering = flow, target.version, target
        run.touch("flow_class", "version", "offering")
        for task in tasks:
            _repoint(run, task, flow)
        mine = Draft.objects.filter(filed_at=None)
        for kept in (mine.filter(task__process=run.case), mine.filter(original=run.case)):
            kept.update(version=target.version, offering=target)
        rule_case_term(run)
        body = {"from": source.version.number, "to": target.version.number, "sha256": target.version.sha256}
        run.record("case.moved", body, personal={"reason": row.move.reason})


def _repoint(run: Run, task: CaseTask, flow: type[Flow]) -> None:
    """Bind a task to the node of the same name, and to whoever fills its role there."""
    node = flow.instance.node(task.flow_task.name, no_obsolete=True)
    if node is None:
        text = _("El paso «%(step)s» no existe igual en la otra versión.") % {"step": task.step_title}
        raise RoutingError("no_branch", task.step_id, text)
    former = str(task.flow_task.task_title)
    if task.status in OPEN and task.step_title.startswith(former):
        task.step_title = f"{node.task_title}{task.step_title.removeprefix(former)}"[:200]
    task.process, task.flow_task = run.case, node
    role = task.role_id
    if task.status in OPEN:
        slot = node.slot(run, task) if isinstance(node, HumanNode) else getattr(node, "role", None)
        responsible(task, slot, run)
    if task.role_id != role and task.status == HELD:
        task.status, task.owner, task.assigned = WAITING, None, None
    task.save(update_fields=["flow_task", "step_title", "role", "unit", "rank", "status", "owner", "assigned"])  # type: ignore[no-untyped-call]
