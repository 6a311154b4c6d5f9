"""Step kinds done by an official's hand: task and draft."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from procedures.api import Bundle
from workflows.acts import prepare_draft
from workflows.deadlines import open_deadline
from workflows.nodes import HumanNode, StepActivation, StepNode
from workflows.steps.registry import Facet

if TYPE_CHECKING:
    from workflows.compiler import Routes


class TaskFacet(Facet):
    kind = "task"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        node = HumanNode(
            step_id=step.id,
            step_kind=step.kind,
            title=step.title,
            role=step.role,
            deadline=getattr(step, "deadline", None),
            expiry=routes.expiry(step),
            on_enter=open_step_deadline,
            routes=routes.of(step),
        )
        node.role_when, node.in_turn = step.role_when, step.assign == "cyclic"
        yield self.entry(step), node


class DraftFacet(TaskFacet):
    """An official edits the act for this case before it goes to signature."""

    kind = "draft"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        def enter(activation: StepActivation) -> None:
            document = prepare_draft(activation.run, step.document)
            activation.task.data = {"document": document.pk}
            activation.task.save(update_fields=["data"])
            open_step_deadline(activation)

        for name, node in super().nodes(step, bundle, routes):
            node.on_enter = enter
            yield name, node


def open_step_deadline(activation: StepActivation) -> None:
    """Start (or set waiting) the clock of the step that was entered."""
    spec = activation.flow_task.deadline
    if spec is not None:
        open_deadline(activation.run, activation.task, spec)
