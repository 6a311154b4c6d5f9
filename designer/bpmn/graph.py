"""The steps of a procedure as the nodes and flows that BPMN draws. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from designer.bpmn.words import (
    AT_FORK,
    AT_JOIN,
    ELEMENTS,
    EXPIRES,
    INNER_END,
    INNER_START,
    JOIN,
    RETURNS,
)
from designer.tree import Data


@dataclass
class Node:
    """An element of the process."""

    id: str
    element: str
    name: str = ""
    step: Data | None = None
    """The step that it is, if it is one."""
    attached_to: str = ""
    """Of an event at the edge of a task: the task."""
    default: str = ""
    """The flow that is taken when no other is."""
    inner: Graph | None = None
    column: int = 0
    row: int = 0


@dataclass
class Flow:
    """A line from one node to another."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Any = None


@dataclass
class Graph:
    """Nodes in reading order, and the lines between them."""

    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def add_flow(self, source: str, target: str, name: str = "", condition: Any = None) -> str:
        """Draw a line; returns its id."""
        number = sum(flow.source == source for flow in self.flows) + 1
        made = Flow(f"{source}_a{number}", source, target, name, condition)
        self.flows.append(made)
        return made.id


def graph_of(steps: list[Data]) -> Graph:
    """The process of a list of steps."""
    graph = Graph()
    _Drawer(graph).draw(steps, "", 0, 0)
    return graph


class _Drawer:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def draw(self, steps: list[Data], join: str, column: int, row: int) -> int:
        """Draw a list of steps below each other; `join` is where it ends. Returns the row after it."""
        for step in steps:
            row = self._draw(step, join, column, row)
        return row

    def _draw(self, step: Data, join: str, column: int, row: int) -> int:
        node = Node(step["id"], ELEMENTS[step["kind"]], step.get("title", ""), step, column=column, row=row)
        self.graph.nodes.append(node)
        self._side_ways(step, node, join)
        last, row = step["id"], row + 1
        if step["kind"] == "parallel":
            last, row = self._branches(step, column, row)
        elif step["kind"] == "for_each":
            node.inner = _inner(step)
            row += max(inner.row for inner in node.inner.nodes) + 1
        return self._ways(step, last, join, column, row)

    def _branches(self, step: Data, column: int, row: int) -> tuple[str, int]:
        last = f"{step['id']}{AT_JOIN}"
        end, at = row, column
        for branch in step.get("branches") or ():
            if branch:
                self.graph.add_flow(step["id"], branch[0]["id"])
                before = len(self.graph.nodes)
                end = max(end, self.draw(branch, last, at, row))
                at = max(node.column for node in self.graph.nodes[before:]) + 1
        self.graph.nodes.append(Node(last, "parallelGateway", column=column, row=end))
        return last, end + 1

    def _ways(self, step: Data, source: str, join: str, column: int, row: int) -> int:
        ways = step.get("next")
        if isinstance(ways, str):
            self.graph.add_flow(source, self._target(ways, join))
        elif ways:
            fork = Node(f"{step['id']}{AT_FORK}", "exclusiveGateway", column=column, row=row)
            self.graph.nodes.append(fork)
            self.graph.add_flow(source, fork.id)
            for way in ways:
                target = self._target(way.get("goto") or way.get("otherwise"), join)
                made = self.graph.add_flow(fork.id, target, way.get("label") or "", way.get("when"))
                fork.default = made if "otherwise" in way else fork.default
            return row + 1
        return row

    def _side_ways(self, step: Data, node: Node, join: str) -> None:
        expires = (step.get("deadline") or {}).get("on_expire")
        for ending, target in ((EXPIRES, expires), (RETURNS, step.get("on_return"))):
            if target:
                edge = Node(f"{step['id']}{ending}", "boundaryEvent", attached_to=step["id"])
                edge.column, edge.row = node.column, node.row
                self.graph.nodes.append(edge)
                self.graph.add_flow(edge.id, self._target(target, join))

    @staticmethod
    def _target(name: Any, join: str) -> str:
        return join if name == JOIN and join else str(name)


def _inner(step: Data) -> Graph:
    """What is done for each row: its steps between an entrance and an exit of their own."""
    inner = Graph()
    begin, end = f"{step['id']}{INNER_START}", f"{step['id']}{INNER_END}"
    inner.nodes.append(Node(begin, "startEvent"))
    steps = step.get("steps") or []
    if steps:
        inner.add_flow(begin, steps[0]["id"])
    row = _Drawer(inner).draw(steps, end, 0, 1)
    inner.nodes.append(Node(end, "endEvent", row=row))
    return inner


def every_node(graph: Graph) -> Iterator[Node]:
    """The nodes with those inside others."""
    for node in graph.nodes:
        yield node
        if node.inner is not None:
            yield from every_node(node.inner)
