"""Compiles a bundle to a real viewflow Flow: one node per step, named `n_<step id>`.

The node names are written in the database with each task, so they are a contract: never rename one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from viewflow.this_object import this
from viewflow.workflow.base import Flow, FlowMetaClass
from viewflow.workflow.lock import SelectForUpdateLock

from procedures.api import Bundle
from workflows.models import Case, CaseTask
from workflows.nodes import StepNode
from workflows.routing import Route
from workflows.steps import registry


class CompiledFlow(Flow):  # type: ignore[misc]
    """Base of all compiled procedures. Never subclass a compiled one: its nodes would be shared."""

    process_class = Case
    task_class = CaseTask
    lock_impl = SelectForUpdateLock(nowait=False)
    bundle: Bundle
    """What it was compiled from: commands need not read the version again."""


def compile_flow(bundle: Bundle, name: str, module: str) -> type[Flow]:
    """The Flow class of a bundle, importable as `module`.`name`."""
    nodes = dict(_nodes(bundle, (*bundle.steps, *bundle.blocks.steps), join=None, around=()))
    attributes = {"__module__": module, "process_title": bundle.title, "bundle": bundle, **nodes}
    flow: type[Flow] = FlowMetaClass(name, (CompiledFlow,), attributes)
    return flow


def _nodes(
    bundle: Bundle, steps: Iterable[Any], join: str | None, around: tuple[str, ...]
) -> Iterator[tuple[str, StepNode]]:
    """Node names and nodes of a list of steps; `join` is that of the block they stand in, the last of `around`."""
    for step in steps:
        facet = registry.facet(step.kind)
        for name, node in facet.nodes(step, bundle, Routes(bundle, join)):
            loop = bundle.loops.get(step.id)
            node.loop, node.loop_depth = loop, around.index(loop.id) if loop else 0
            yield name, node
        for branch in facet.branches(step):
            yield from _nodes(bundle, branch, join_name(step.id), (*around, step.id))


def join_name(step_id: str) -> str:
    """Node name of the join of a parallel block."""
    return f"n_{step_id}__join"


class Routes:
    """Turns a step's `next` into routes between nodes."""

    def __init__(self, bundle: Bundle, join: str | None) -> None:
        self.bundle, self.join = bundle, join

    def of(self, step: Any) -> list[Route]:
        """The ways out of a step, in the order written."""
        return [
            Route(target=self.to(route.target).target, when=route.condition, label=route.label) for route in step.routes
        ]

    def to(self, step_id: str) -> Route:
        """The unconditional way to a step, or to the join of the block."""
        if step_id == "join":
            return Route(target=self.node(str(self.join)))
        return Route(target=self.node(registry.entry_name(self.bundle.step(step_id))))

    def node(self, name: str) -> Any:
        """A reference to a node of the same flow."""
        return getattr(this, name)

    def expiry(self, step: Any) -> Route | None:
        """The way that an official is offered when the step's clock runs out; None where nothing follows."""
        deadline = getattr(step, "deadline", None)
        if deadline is None or deadline.on_expire is None:
            return None
        return self.to(deadline.on_expire)
