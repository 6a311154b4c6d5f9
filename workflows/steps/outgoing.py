"""Step kinds that send something out: notify, seal, sign. Each effect is a job row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from procedures.api import Bundle
from workflows.acts import begin_signature_step, issue_sealed
from workflows.messages import tell_applicants
from workflows.models import CaseTask
from workflows.nodes import HumanNode, StepActivation, StepNode, WaitingNode
from workflows.routing import Route
from workflows.steps.facts import AutomaticFacet
from workflows.steps.registry import Facet, signature_name
from workflows.steps.work import open_step_deadline

if TYPE_CHECKING:
    from workflows.compiler import Routes


class NotifyFacet(AutomaticFacet):
    """Tells the applicants, in their inbox and by e-mail. An aviso: no legal effect (D8 7)."""

    kind = "notify"

    def do(self, step: Any, activation: StepActivation) -> None:
        if step.act is not None:
            _tell_apart(activation)
        tell_applicants(activation.run, step.notice, attach=step.attach, task=activation.task)


def _tell_apart(activation: StepActivation) -> None:
    """A case that comes here again has another act to notify, of which nobody was told by the former one (art. 45)."""
    task = activation.task
    if activation.flow_task.loop is None:
        times = CaseTask.objects.filter(process=activation.run.case, step_id=task.step_id).count()
        if times > 1:
            task.occurrence = times
            task.save(update_fields=["occurrence"])


class SealFacet(Facet):
    """The institution's seal on a document, without a human."""

    kind = "seal"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        node = WaitingNode(
            step_id=step.id,
            step_kind=step.kind,
            title=step.title,
            do=lambda activation: issue_sealed(activation, step.document),
            routes=routes.of(step),
        )
        yield self.entry(step), node


class SignFacet(Facet):
    """Officials sign one document, one after the other: a human node each."""

    kind = "sign"

    def entry(self, step: Any) -> str:
        return signature_name(step.id, 1)

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        for position, slot in enumerate(step.signers, start=1):
            last = position == len(step.signers)
            out = routes.of(step) if last else [Route(target=routes.node(signature_name(step.id, position + 1)))]
            node = HumanNode(
                step_id=step.id,
                step_kind=step.kind,
                title=step.title,
                role=slot,
                deadline=step.deadline,
                expiry=routes.expiry(step),
                on_enter=_enter(step.document, position),
                routes=out,
            )
            yield signature_name(step.id, position), node


def _enter(document_id: str, position: int) -> Any:
    def enter(activation: StepActivation) -> None:
        begin_signature_step(activation, document_id, position)
        open_step_deadline(activation)

    return enter
