"""Step kind service: the case asks a system of another body and waits for the job that brings the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jobs.api import enqueue
from procedures.api import Bundle
from workflows.models import Case
from workflows.nodes import HumanNode, StepActivation, StepNode, WaitingNode
from workflows.steps.registry import Facet

if TYPE_CHECKING:
    from workflows.compiler import Routes

CALL = "workflows.service"
"""Job kind: ask a connector for a waiting step."""
UNANSWERED = "workflows.service_unanswered"
"""Job kind: the service was asked as often as it may be."""


class ServiceFacet(Facet):
    kind = "service"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        common = {"step_id": step.id, "title": step.title}
        yield self.entry(step), WaitingNode(step_kind=step.kind, do=_ask, routes=routes.of(step), **common)
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


def verify_name(step_id: str) -> str:
    """Node name of the task that verifies later what was accepted on somebody's word."""
    return f"n_{step_id}__verify"


def _ask(activation: StepActivation) -> None:
    run, task = activation.run, activation.task
    ask(task.pk, run.case, now=run.now)


def ask(task_id: int, case: Case, *, now: datetime, run_at: datetime | None = None) -> None:
    """Queue the question of a waiting step."""
    enqueue(
        kind=CALL,
        payload={"task": task_id},
        now=now,
        run_at=run_at,
        agency_id=case.agency_id,
        case_id=case.pk,
        on_dead=UNANSWERED,
    )
