"""Step kinds lookup and register: facts that the agency itself holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from procedures.api import Bundle
from workflows import facts
from workflows.nodes import AutomaticNode, StepActivation, StepNode
from workflows.steps.registry import Facet

if TYPE_CHECKING:
    from workflows.compiler import Routes


class AutomaticFacet(Facet):
    """Base of the kinds that the engine does at once."""

    def do(self, step: Any, activation: StepActivation) -> None:
        """What the step does; it only touches the database."""
        raise NotImplementedError

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        node = AutomaticNode(
            step_id=step.id,
            step_kind=step.kind,
            title=step.title,
            do=lambda activation: self.do(step, activation),
            routes=routes.of(step),
        )
        yield self.entry(step), node


class LookupFacet(AutomaticFacet):
    """Reads a fact; `<step>.found` and the declared values can be used by rules and texts."""

    kind = "lookup"

    def do(self, step: Any, activation: StepActivation) -> None:
        facts.look_up(activation.run, step, activation.task)


class RegisterFacet(AutomaticFacet):
    """Keeps a fact that this case established."""

    kind = "register"

    def do(self, step: Any, activation: StepActivation) -> None:
        facts.register(activation.run, step)
