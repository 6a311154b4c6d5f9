"""Step kinds that shape the path: start, parallel, end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from procedures.api import Bundle
from workflows.closing import close_case
from workflows.nodes import EndNode, JoinNode, SplitNode, StartNode, StepNode
from workflows.steps.registry import Facet

if TYPE_CHECKING:
    from workflows.compiler import Routes


class StartFacet(Facet):
    kind = "start"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        yield (
            self.entry(step),
            StartNode(step_id=step.id, step_kind=step.kind, title=step.title, routes=routes.of(step)),
        )


class ParallelFacet(Facet):
    kind = "parallel"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        common = {"step_id": step.id, "step_kind": step.kind, "title": step.title}
        yield self.entry(step), SplitNode(routes=[routes.to(branch[0].id) for branch in step.branches], **common)
        yield f"{self.entry(step)}__join", JoinNode(routes=routes.of(step), **common)

    def branches(self, step: Any) -> list[list[Any]]:
        return [list(branch) for branch in step.branches]


class EndFacet(Facet):
    kind = "end"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        yield (
            self.entry(step),
            EndNode(step_id=step.id, step_kind=step.kind, title=step.title, outcome=step.outcome, on_end=close_case),
        )
