"""Step kind for_each: one branch for each row of a group, and more while they run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from procedures.api import Bundle, ForEachStep
from workflows.nodes import JoinNode, RowsSplitNode, StepActivation, StepNode
from workflows.nodes.joins import JoinRule
from workflows.steps.path import leave
from workflows.steps.registry import Facet, entry_name

if TYPE_CHECKING:
    from workflows.compiler import Routes


class ForEachFacet(Facet):
    kind = "for_each"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        common = {"step_id": step.id, "step_kind": step.kind, "title": step.title}
        yield (
            self.entry(step),
            RowsSplitNode(
                do=partial(_open_rows, step),
                first=routes.node(entry_name(step.steps[0])),
                routes=routes.of(step),
                **common,
            ),
        )
        join = JoinNode(
            rule=JoinRule(kind=step.join, n=step.n or 0),
            branches=0,
            on_leftover=partial(leave, step.leftover == "accept"),
            routes=routes.of(step),
            **common,
        )
        yield f"{self.entry(step)}__join", join

    def branches(self, step: Any) -> list[list[Any]]:
        return [list(step.steps)]


def _open_rows(step: ForEachStep, activation: StepActivation) -> int:
    """Take the rows as they are now; how many there are. Results of an earlier round are dropped."""
    run = activation.run
    source, _dot, name = step.over.partition(".")
    rows = [dict(row) for row in run.case.data.get(source, {}).get(name) or ()]
    run.case.data = {**run.case.data, step.id: {"rows": rows, "count": len(rows), "split": str(activation.task.pk)}}
    run.touch("data")
    return len(rows)
