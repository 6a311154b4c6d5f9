"""Step kind service: the case asks a system of another body and waits for the job that brings the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from viewflow.workflow.status import STATUS

from jobs.api import enqueue
from procedures.api import Bundle, ServiceStep
from workflows import authorising, exchanges
from workflows.models import Case, CaseTask
from workflows.nodes import HumanNode, StepActivation, StepNode, WaitingNode
from workflows.runtime import Run
from workflows.steps.registry import Facet

if TYPE_CHECKING:
    from workflows.compiler import Routes

BRING = "bring"
"""Kind of the task in which the person brings what they did not let another body send."""
CALL = "workflows.service"
"""Job kind: ask a connector for a waiting step."""
UNANSWERED = "workflows.service_unanswered"
"""Job kind: the service was asked as often as it may be."""
UNAUTHORISED = "workflows.service_unauthorised"
"""Job kind: the service is not asked, because the person does not let it send sensitive data."""


class ServiceFacet(Facet):
    kind = "service"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        common = {"step_id": step.id, "title": step.title}
        yield (
            self.entry(step),
            WaitingNode(step_kind=step.kind, do=partial(_ask, step), routes=routes.of(step), **common),
        )
        if step.verified_by:
            verify = HumanNode(
                step_kind="verify",
                role=step.verified_by,
                deadline=None,
                expiry=None,
                on_enter=lambda activation: None,
                routes=[],
                **common,
            )
            yield verify_name(step.id), verify
        if step.is_sensitive:
            yield bring_name(step.id), _bringing(step)


def verify_name(step_id: str) -> str:
    """Node name of the task that verifies later what was accepted on somebody's word."""
    return f"n_{step_id}__verify"


def bring_name(step_id: str) -> str:
    """Node name of the task in which the person brings what they did not let another body send."""
    return f"n_{step_id}__bring"


def _bringing(step: ServiceStep) -> StepNode:
    return HumanNode(
        step_id=step.id,
        step_kind=BRING,
        title=step.title,
        role=None,
        deadline=None,
        expiry=None,
        on_enter=lambda activation: None,
        routes=[],
    )


def _ask(step: ServiceStep, activation: StepActivation) -> None:
    run, task = activation.run, activation.task
    if may_ask(run.case, step):
        ask(run, task, step)
    else:
        leave_unasked(run, task)


def may_ask(case: Case, step: ServiceStep) -> bool:
    """Whether the service may be asked: sensitive data only while the person lets it (DS 12 of 2023, art. 15; R60)."""
    return not step.is_sensitive or authorising.is_given(case)


def leave_unasked(run: Run, task: CaseTask) -> None:
    """Queue that the case goes on without what the person does not let the service send."""
    enqueue(
        kind=UNAUTHORISED,
        payload={"task": task.pk},
        now=run.now,
        agency_id=run.case.agency_id,
        case_id=run.case.pk,
    )


def papers_awaited(task: CaseTask) -> QuerySet[CaseTask]:
    """What the person is asked to bring for the same step, and the same row, as this task."""
    same = CaseTask.objects.filter(process=task.process_id, step_id=task.step_id, occurrence=task.occurrence)
    return same.filter(step_kind=BRING, status__in=(STATUS.NEW, STATUS.ASSIGNED))


def ask(run: Run, task: CaseTask, step: ServiceStep, *, run_at: datetime | None = None) -> None:
    """Record the question of a waiting step and queue it, for now or for later."""
    exchanges.ask(run, exchanges.of_service(step), task=task, at=run_at)
    enqueue(
        kind=CALL,
        payload={"task": task.pk},
        now=run.now,
        run_at=run_at,
        agency_id=run.case.agency_id,
        case_id=run.case.pk,
        on_dead=UNANSWERED,
    )
