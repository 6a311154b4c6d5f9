"""Step kind correction: the applicant completes or mends the application (Ley 19.880 art. 31)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from procedures.api import Bundle
from workflows.errors import NoMoreCorrections
from workflows.messages import tell_applicants
from workflows.models import CaseTask, CorrectionItem
from workflows.nodes import HumanNode, StepActivation, StepNode
from workflows.steps.registry import Facet
from workflows.steps.work import open_step_deadline

if TYPE_CHECKING:
    from workflows.compiler import Routes


class CorrectionFacet(Facet):
    kind = "correction"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        def enter(activation: StepActivation) -> None:
            _check_rounds(activation, step.max_rounds)
            _keep_observations(activation)
            open_step_deadline(activation)
            tell_applicants(activation.run, step.notice, task=activation.task)

        node = HumanNode(
            step_id=step.id,
            step_kind=step.kind,
            title=step.title,
            role=None,
            deadline=step.deadline,
            expiry=routes.expiry(step),
            on_enter=enter,
            routes=routes.of(step),
        )
        yield self.entry(step), node


def _check_rounds(activation: StepActivation, max_rounds: int) -> None:
    task = activation.task
    rounds = CaseTask.objects.filter(process=activation.run.case, step_id=task.step_id).count()
    if rounds > max_rounds:
        raise NoMoreCorrections(max_rounds)
    task.occurrence = rounds
    task.save(update_fields=["occurrence"])


def _keep_observations(activation: StepActivation) -> None:
    """Store, question by question, what the official of this command observed."""
    CorrectionItem.objects.bulk_create(
        CorrectionItem(task=activation.task, field_id=field_id, text=text)
        for field_id, text in activation.run.observations.items()
    )
