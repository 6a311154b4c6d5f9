"""How the steps of a bundle follow each other, and what surely happened before each of them.

The nodes are the steps, and for each parallel block the place where each branch ends (`block/0`) and where all have
met (`block/join`). Ids have no slash, so no step can be mistaken for one of these.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from procedures.schema import (
    HOLDING_KINDS,
    AllOf,
    AnyOf,
    BaseStep,
    Bundle,
    CelCondition,
    CorrectionStep,
    DraftStep,
    ForEachStep,
    NoneOf,
    ParallelStep,
    Row,
    SealStep,
    SignStep,
    TaskStep,
)

Scope = tuple[tuple[str, int], ...]
"""The branch a step lives in: (block, number of branch) from the outside in; empty at the top level."""
Facts = frozenset[str]
ACT = "an act was issued"
OFFICIAL = "an official took part"


def signed(document: str) -> str:
    """The fact that a document was signed or sealed."""
    return f"document {document} was issued"


def granted_by(condition: AllOf | AnyOf | NoneOf | CelCondition | None) -> Facts:
    """The paths of data that surely have an answer where a condition holds (an unanswered datum meets no row)."""
    if condition is None or isinstance(condition, CelCondition):
        return frozenset()
    return _granted_by_group(condition)


def _granted_by_group(group: AllOf | AnyOf | NoneOf) -> Facts:
    if isinstance(group, NoneOf):
        return frozenset(item.field for item in group.items if isinstance(item, Row) and item.op == "empty")
    granted = map(_granted_by_item, group.items)
    return frozenset().union(*granted) if isinstance(group, AllOf) else frozenset.intersection(*granted)


def _granted_by_item(item: Row | AllOf | AnyOf | NoneOf) -> Facts:
    if not isinstance(item, Row):
        return _granted_by_group(item)
    if item.op == "empty":
        return frozenset()
    step, _, name = item.field.partition(".")
    found = {f"{step}.*"} if name == "found" and item.op == "eq" and item.value is True else set()
    return frozenset({item.field, row_fact(item), *found})


def row_fact(row: Row) -> str:
    """The fact that a comparison held; it begins with its step, like the paths of data."""
    return f"{row.field} {row.op} {row.value!r}"


@dataclass(frozen=True)
class Edge:
    """A way to a node; `finished` is false when the step is left without finishing it."""

    target: str
    finished: bool = True
    granted: Facts = frozenset()


@dataclass(frozen=True)
class Graph:
    """The steps of a bundle by id, with the scope of each. Targets that do not exist are left out."""

    bundle: Bundle
    scopes: dict[str, Scope]

    @classmethod
    def of(cls, bundle: Bundle) -> "Graph":
        """The graph of a bundle."""
        return cls(bundle, dict(_scopes(bundle.steps, ())))

    @cached_property
    def forward(self) -> dict[str, list[Edge]]:
        """From each node, the ways to the nodes that may follow."""
        edges: dict[str, list[Edge]] = {}
        for step_id, scope in self.scopes.items():
            for node, targets in self._ways(self.bundle.step(step_id), scope):
                edges.setdefault(node, []).extend(targets)
        return edges

    def _ways(self, step: BaseStep, scope: Scope) -> Iterator[tuple[str, list[Edge]]]:
        onward = [
            Edge(node, True, granted_by(route.condition))
            for route in step.routes
            for node in self._nodes([route.target], scope)
        ]
        if step.inner:
            without_rows = [Edge(f"{step.id}/join")] if isinstance(step, ForEachStep) else []
            yield step.id, [*(Edge(branch[0].id) for branch in step.inner), *without_rows]
            for number in range(len(step.inner)):
                yield f"{step.id}/{number}", [Edge(f"{step.id}/join")]
            yield f"{step.id}/join", onward
        else:
            yield step.id, onward + [Edge(node, finished=False) for node in self._nodes(step.side_targets, scope)]

    def _nodes(self, targets: Iterable[str], scope: Scope) -> Iterator[str]:
        for target in targets:
            if target == "join" and scope:
                yield f"{scope[-1][0]}/{scope[-1][1]}"
            elif target in self.scopes:
                yield target

    @cached_property
    def reached(self) -> frozenset[str]:
        """Every node that some way from the start leads to."""
        return self.reach([self.bundle.start.id])

    def reach(self, sources: Iterable[str], avoiding: frozenset[str] = frozenset()) -> frozenset[str]:
        """The sources and every node that they lead to, without going on from `avoiding`."""
        seen = set(sources)
        pending = list(seen - avoiding)
        while pending:
            for edge in self.forward.get(pending.pop(), ()):
                target = edge.target
                if target not in seen:
                    seen.add(target)
                    if target not in avoiding:
                        pending.append(target)
        return frozenset(seen)

    def leading_to(self, goals: Iterable[str]) -> frozenset[str]:
        """The goals and every node from which some way leads to one of them."""
        seen = set(goals)
        pending = list(seen)
        while pending:
            for source, _edge in self._backward.get(pending.pop(), ()):
                if source not in seen:
                    seen.add(source)
                    pending.append(source)
        return frozenset(seen)

    @cached_property
    def facts(self) -> dict[str, Facts]:
        """What surely happened on every way to each reached node: ids of finished steps, acts issued, and what
        a condition on the way found true: comparisons that held, and the paths of data that have an answer."""
        known: dict[str, Facts] = {self.bundle.start.id: frozenset()}
        pending = deque(known)
        while pending:
            for edge in self.forward.get(pending.popleft(), ()):
                sure = self._sure_before(edge.target, known)
                if sure is not None and sure != known.get(edge.target):
                    known[edge.target] = sure
                    pending.append(edge.target)
        return known

    def _sure_before(self, node: str, known: dict[str, Facts]) -> Facts | None:
        ways = self._backward[node]
        brought = {source: self._after(source, edge, known[source]) for source, edge in ways if source in known}
        needed = self._surely_walked(node)
        # Where branches meet, all that the join waits for were walked; anywhere else, only one of the ways was.
        if needed:
            found = [brought[source] for source in needed if source in brought]
            return frozenset().union(*found) if len(found) == len(needed) else None
        return frozenset.intersection(*brought.values())

    def _surely_walked(self, node: str) -> list[str]:
        """The ends of the branches that a join never goes on without; none where any one way leads on."""
        block = self.bundle.steps_by_id.get(node.removesuffix("/join")) if node.endswith("/join") else None
        if not isinstance(block, ParallelStep) or block.join in ("any", "n"):
            return []
        firsts = [branch[0].id for branch in block.branches]
        chosen = block.required if block.join == "all_required" else firsts
        return [f"{block.id}/{number}" for number, first in enumerate(firsts) if first in chosen]

    def _after(self, source: str, edge: Edge, facts: Facts) -> Facts:
        if "/" in source:
            return facts | edge.granted
        if not edge.finished:
            return facts
        step = self.bundle.step(source)
        rewritten = step.amends if isinstance(step, CorrectionStep) else step.id
        if rewritten in self._compared:
            facts = frozenset(fact for fact in facts if not fact.startswith(f"{rewritten}."))
        return facts | self._gains(step) | edge.granted

    @cached_property
    def _compared(self) -> frozenset[str]:
        """The steps whose answers some way out compares: only of those is there anything to forget."""
        edges = (edge for ways in self.forward.values() for edge in ways)
        return frozenset(fact.partition(".")[0] for edge in edges for fact in edge.granted)

    @cached_property
    def _backward(self) -> dict[str, list[tuple[str, Edge]]]:
        edges: dict[str, list[tuple[str, Edge]]] = {}
        for source, ways in self.forward.items():
            for edge in ways:
                edges.setdefault(edge.target, []).append((source, edge))
        return edges

    def _gains(self, step: BaseStep) -> Facts:
        gains = {step.id}
        if isinstance(step, SignStep | SealStep):
            gains |= {ACT, signed(step.document)}
        if isinstance(step, TaskStep | DraftStep | SignStep):
            gains.add(OFFICIAL)
        return frozenset(gains)

    def is_held(self, step: BaseStep) -> bool:
        """Whether a case always waits at the step, for a person or something outside; in a block, before it goes on."""
        if not isinstance(step, ParallelStep):
            return step.kind in HOLDING_KINDS  # a for_each without rows holds nobody
        held = [self._branch_is_held(step, number) for number in range(len(step.branches))]
        if step.join in ("any", "n"):
            return all(held)
        needed = self._surely_walked(f"{step.id}/join")
        return any(is_held for number, is_held in enumerate(held) if f"{step.id}/{number}" in needed)

    def _branch_is_held(self, block: ParallelStep, number: int) -> bool:
        branch = block.branches[number]
        if self.is_held(branch[0]):
            return True
        held = frozenset(step.id for step in branch if self.is_held(step))
        return f"{block.id}/{number}" not in self.reach([branch[0].id], avoiding=held)


def _scopes(steps: tuple[BaseStep, ...], scope: Scope) -> Iterator[tuple[str, Scope]]:
    for step in steps:
        yield step.id, scope
        for number, branch in enumerate(step.inner):
            yield from _scopes(branch, (*scope, (step.id, number)))
