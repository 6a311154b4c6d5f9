"""Where each node stands on the canvas: a grid of rows and columns, with lines that turn at right angles. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from designer.bpmn.graph import Graph, Node

COLUMN, ROW, MARGIN = 220, 130, 60
_SIZES = {"startEvent": (36, 36), "endEvent": (36, 36), "boundaryEvent": (36, 36), "exclusiveGateway": (50, 50),
          "parallelGateway": (50, 50)}  # fmt: skip
_TASK = (150, 80)


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels from the upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        """Its middle point."""
        return self.x + self.width // 2, self.y + self.height // 2


def boxes(graph: Graph, left: int = MARGIN, top: int = MARGIN) -> dict[str, Box]:
    """The box of every node, those inside others too."""
    found: dict[str, Box] = {}
    edges: dict[str, int] = {}
    for node in graph.nodes:
        x, y = left + node.column * COLUMN, top + node.row * ROW
        if node.attached_to:
            place = edges[node.attached_to] = edges.get(node.attached_to, 0) + 1
            found[node.id] = Box(x + _TASK[0] - 18 - (place - 1) * 45, y + _TASK[1] - 18, 36, 36)
        elif node.inner is not None:
            found |= boxes(node.inner, x + 20, y + 30)
            found[node.id] = Box(x, y, _width(node.inner), (max(one.row for one in node.inner.nodes) + 1) * ROW)
        else:
            width, height = _SIZES.get(node.element, _TASK)
            found[node.id] = Box(x + (_TASK[0] - width) // 2, y + (_TASK[1] - height) // 2, width, height)
    return found


def _width(inner: Graph) -> int:
    return (max(node.column for node in inner.nodes) + 1) * COLUMN


def line(source: Box, target: Box, place: int) -> list[tuple[int, int]]:
    """The points of a line: straight down to what follows, around the right side to anything else."""
    from_x, from_y = source.middle
    to_x, to_y = target.middle
    if target.y > source.y and abs(from_x - to_x) < COLUMN // 2 and target.y - source.y <= 2 * ROW:
        return [(from_x, source.y + source.height), (to_x, target.y)]
    if target.y > source.y and from_x != to_x:
        return [(from_x, source.y + source.height), (from_x, target.y - 25), (to_x, target.y - 25), (to_x, target.y)]
    aside = max(source.x + source.width, target.x + target.width) + 20 + 8 * (place % 5)
    return [(source.x + source.width, from_y), (aside, from_y), (aside, to_y), (target.x + target.width, to_y)]


def shaped(node: Node) -> bool:
    """Whether the node is drawn open, with what is inside."""
    return node.inner is not None
