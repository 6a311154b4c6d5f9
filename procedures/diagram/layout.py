"""Where everything stands: rows and columns of boxes, gutters of vertical lanes, channels of horizontal tracks.

Boxes stand in cells of a grid, so they cannot overlap. A line leaves its box through the channel below the row, or a
lane in the gutter beside a column, and has a track and a lane of its own, so lines cross but never run over each other
or through a box. Work grows with the number of steps and lines, not with the number of ways through them.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from procedures.diagram.blocks import JOIN, Strand, Way
from procedures.diagram.measures import (
    BOX_WIDTH,
    BRANCH_GAP,
    CHANNEL,
    FORK,
    GUTTER,
    HEADER,
    LANE,
    PADDING,
    PORT,
    TRACK,
    box_size,
    text_width,
)
from procedures.diagram.packing import Span, packed, stretch, words_x
from procedures.schema import BaseStep

Point = tuple[float, float]
Side = Literal["left", "right"]


@dataclass
class Line:
    """A drawn way: its corners, its words and where they begin."""

    points: list[Point]
    is_back: bool = False
    has_arrow: bool = True
    label: str = ""
    label_at: Point = (0, 0)
    ends: tuple[str, str] = ("", "")
    """The steps that it joins."""


@dataclass
class Box:
    """A drawn step; a parallel block holds the pictures of its branches, each with its place inside."""

    id: str
    step: BaseStep | None
    width: float
    height: float
    x: float = 0
    """Middle."""
    y: float = 0
    """Top."""
    branches: list[tuple[float, float, "Picture"]] = field(default_factory=list)


@dataclass
class Picture:
    """A laid out list of steps."""

    boxes: list[Box]
    lines: list[Line]
    width: float
    height: float
    entry_x: float


@dataclass
class _Lane:
    """A way that goes through a gutter: which, beside which column it enters, and how it leaves its box."""

    way: Way
    gutter: int
    enters: Side
    leaves: Side | None
    """The side it leaves its box by; None for below, where there is room for its words."""
    x: float = 0


Words = Callable[[BaseStep], list[str]]
"""The lines written in the box of a step."""


def lay_out(strand: Strand, words: Words) -> Picture:
    """The picture of a list of steps, its parallel blocks laid out inside it."""
    return _Layout(strand, words).picture()


class _Layout:
    def __init__(self, strand: Strand, words: Words) -> None:
        self.strand = strand
        self.rows = strand.rows
        self.boxes = {step.id: _box(step, words) for step in reversed(strand.steps)}
        if strand.has_join:
            self.boxes[JOIN] = Box(JOIN, None, 0, 0)
        self.columns: dict[str, int] = {}
        self.taken: dict[int, list[Span]] = defaultdict(list)
        self.openers: set[tuple[str, str]] = set()
        self.closers: set[tuple[str, str]] = set()

    def picture(self) -> Picture:
        """Places boxes, then lanes, then tracks, each needing what the one before settled."""
        self._place_trails()
        self._sort_ways()
        self._place_columns()
        self._place_rows()
        self._place_side_ports()
        lines = [self._line(way) for way in self.strand.ways]
        width, height = self._extent(lines)
        first = self.boxes[self.strand.ids[0]]
        boxes = [self.boxes[name] for name in self.strand.ids]
        return Picture(boxes, lines, width, height, first.x)

    # Columns of boxes

    def _place_trails(self) -> None:
        self._place_trail(self.strand.ids[0], None)
        while source := self._next_source():
            first = min(self._unplaced(source), key=lambda target: self.rows[target])
            self.openers.add((source, first))
            self._place_trail(first, source)
        for name in self.strand.ids:  # what nothing leads to stands apart
            if name not in self.columns:
                self._place_trail(name, None)

    def _next_source(self) -> str | None:
        """The lowest placed step with a way to a step that is not placed: inner detours stand nearest."""
        waiting = [name for name in self.columns if self._unplaced(name)]
        return max(waiting, key=lambda name: (self.rows[name], self.columns[name]), default=None)

    def _unplaced(self, name: str) -> list[str]:
        return [target for target in self.strand.onward[name] if target not in self.columns]

    def _place_trail(self, first: str, source: str | None) -> None:
        trail = self.strand.trail(first, frozenset(self.columns))
        # The line into a trail turns in the channel above it, and the line out of one in the channel below.
        begin = self.rows[source] + 0.5 if source else 0.0
        merges = [target for target in self.strand.onward[trail[-1]] if target in self.columns]
        end = float(self.rows[trail[-1]])
        if len(merges) == 1:
            self.closers.add((trail[-1], merges[0]))
            end = max(end, self.rows[merges[0]] - 0.5)
        column = self.columns[source] + 1 if source else 0
        while any(begin <= high and low <= end for low, high in self.taken[column]):
            column += 1
        self.taken[column].append((begin, end))
        self.columns.update(dict.fromkeys(trail, column))

    # Which way goes where

    def _sort_ways(self) -> None:
        self.straight: list[Way] = []
        self.early: list[Way] = []
        self.late: list[Way] = []
        self.lanes: dict[Way, _Lane] = {}
        cells = {(self.columns[name], self.rows[name]) for name in self.strand.ids}
        opened = {target for _, target in self.openers}
        for way in self.strand.ways:
            ends = (way.source, way.target)
            if way.target not in opened and self._is_straight(way, cells):
                self.straight.append(way)
            elif ends in self.openers:
                self.early.append(way)
            elif ends in self.closers and self.columns[way.source] != self.columns[way.target]:
                self.late.append(way)
            else:
                self.lanes[way] = self._lane(way)

    def _is_straight(self, way: Way, cells: set[tuple[int, int]]) -> bool:
        column, low, high = self.columns[way.source], self.rows[way.source], self.rows[way.target]
        if column != self.columns[way.target] or self.strand.goes_back(way) or high <= low:
            return False
        return not any((column, row) in cells for row in range(low + 1, high))

    def _lane(self, way: Way) -> _Lane:
        source, target = self.columns[way.source], self.columns[way.target]
        goes_on = not self.strand.goes_back(way)
        enters: Side = "right" if source > target or (source == target and goes_on) else "left"
        gutter = target + 1 if enters == "right" else target
        beside: dict[int, Side] = {source: "left", source + 1: "right"}
        leaves = None if way.label else beside.get(gutter)
        return _Lane(way, gutter, enters, leaves)

    # Columns and lanes get their x

    def _place_columns(self) -> None:
        widths: dict[int, float] = defaultdict(float)
        for name, column in self.columns.items():
            widths[column] = max(widths[column], self.boxes[name].width)
        x = 0.0
        for column in range(max(self.columns.values()) + 2):
            x += self._place_lanes(column, x)
            for name, own in self.columns.items():
                if own == column:
                    self.boxes[name].x = x + widths[column] / 2
            x += widths[column]
        self.right = x

    def _place_lanes(self, gutter: int, x: float) -> float:
        """Gives the lanes of a gutter their x from `x` on; the width of the gutter."""
        # Lanes into the boxes at the left of the gutter stand at its left, the others at its right; of each, the
        # shortest nearest to the boxes.
        leftward, rightward = self._packed_lanes(gutter, "right"), self._packed_lanes(gutter, "left")
        left_count = max(leftward.values(), default=-1) + 1
        count = left_count + max(rightward.values(), default=-1) + 1
        for way, place in leftward.items():
            self.lanes[way].x = x + GUTTER / 2 + LANE * place
        for way, place in rightward.items():
            self.lanes[way].x = x + GUTTER / 2 + LANE * (count - 1 - place)
        is_outer = gutter in (0, max(self.columns.values()) + 1)
        if is_outer:
            return GUTTER / 2 + LANE * count if count else 0
        return GUTTER + LANE * max(0, count - 1)

    def _packed_lanes(self, gutter: int, enters: Side) -> dict[Way, int]:
        lanes = [lane for lane in self.lanes.values() if lane.gutter == gutter and lane.enters == enters]
        lanes.sort(key=self._length)
        places = packed([self._span(lane) for lane in lanes], gap=0.25)
        return {lane.way: place for lane, place in zip(lanes, places, strict=True)}

    def _span(self, lane: _Lane) -> Span:
        leaves = self.rows[lane.way.source] + (0.5 if lane.leaves is None else 0)
        enters = self.rows[lane.way.target]
        return min(leaves, enters), max(leaves, enters)

    def _length(self, lane: _Lane) -> float:
        begin, end = self._span(lane)
        return end - begin

    # Tracks, and rows get their y

    def _place_rows(self) -> None:
        self._place_ports()
        tracks = self._place_tracks()
        heights: dict[int, float] = defaultdict(float)
        for name, row in self.rows.items():
            heights[row] = max(heights[row], self.boxes[name].height)
        last = max(self.rows.values())
        y = 0.0
        self.channel_y: dict[int, float] = {}
        for row in range(last + 1):
            for name, own in self.rows.items():
                if own == row:
                    self.boxes[name].y = y
            y += heights[row]
            self.channel_y[row] = y
            y += CHANNEL + TRACK * tracks.get(row, 0) if row < last or tracks.get(row) else 0
        self.bottom = y

    def _place_ports(self) -> None:
        """Where lines leave a box below and enter it above, apart from each other."""
        below: dict[str, list[tuple[float, Way]]] = defaultdict(list)
        above: dict[str, list[tuple[float, Way]]] = defaultdict(list)
        for way in self.early:
            below[way.source].append((self.boxes[way.target].x, way))
        for lane in self.lanes.values():
            if lane.leaves is None:
                below[lane.way.source].append((lane.x, lane.way))
        for way in self.late:
            above[way.target].append((self.boxes[way.source].x, way))
        self.leaving = self._spread(below, PORT)
        # Half a port aside, so that a line down from one box never meets a line down into the next.
        self.entering = self._spread(above, PORT / 2)

    def _spread(self, ways: dict[str, list[tuple[float, Way]]], first: float) -> dict[Way, float]:
        found: dict[Way, float] = {}
        for name, pairs in ways.items():
            middle = self.boxes[name].x
            left = sorted((pair for pair in pairs if pair[0] < middle), key=lambda pair: pair[0], reverse=True)
            right = sorted((pair for pair in pairs if pair[0] >= middle), key=lambda pair: pair[0])
            found.update({way: middle - first - PORT * index for index, (_, way) in enumerate(left)})
            found.update({way: middle + first + PORT * index for index, (_, way) in enumerate(right)})
        return found

    def _place_tracks(self) -> dict[int, int]:
        """Gives each horizontal run its track; how many tracks each channel has."""
        runs: dict[int, list[tuple[Way, Span]]] = defaultdict(list)
        for way in [*self.straight, *self.early, *self.late, *self.lanes]:
            for row, span in self._runs(way):
                runs[row].append((way, span))
        self.tracks: dict[tuple[Way, int], int] = {}
        for row, ways in runs.items():
            # The longest run leaves nearest to the boxes and the words of a straight way stand lowest, so that no line
            # goes down through the words of another.
            ways.sort(key=lambda pair: (pair[0] in self.straight, pair[1][0] - pair[1][1]))
            places = packed([span for _, span in ways], gap=12)
            self.tracks.update({(way, row): place for (way, _), place in zip(ways, places, strict=True)})
        return {row: max(track for (_, own), track in self.tracks.items() if own == row) + 1 for row in runs}

    def _runs(self, way: Way) -> list[tuple[int, Span]]:
        """The channels that a way runs along, each with the stretch it takes, its words included."""
        words, below = text_width(way.label), self.rows[way.source]
        if way in self.lanes:
            return [(below, stretch(self.leaving[way], self.lanes[way].x, words))] if way in self.leaving else []
        source, target = self.boxes[way.source].x, self.boxes[way.target].x
        if way in self.leaving:
            return [(below, stretch(self.leaving[way], target, words))]
        labelled = [(below, (source, source + words))] if way.label else []
        if way in self.entering and self.rows[way.target] == below + 1:
            return [(below, stretch(source, self.entering[way], words))]
        if way in self.entering:
            return [*labelled, (self.rows[way.target] - 1, stretch(source, self.entering[way], 0))]
        return labelled

    # Lines

    def _line(self, way: Way) -> Line:
        points, label_at = self._lane_points(way) if way in self.lanes else self._plain_points(way)
        ends = (way.source, way.target)
        return Line(points, self.strand.goes_back(way), way.target != JOIN, way.label, label_at, ends)

    def _plain_points(self, way: Way) -> tuple[list[Point], Point]:
        source, target = self.boxes[way.source], self.boxes[way.target]
        start, end = (source.x, source.y + source.height), (target.x, target.y)
        if way in self.leaving:
            x, y = self.leaving[way], self._track_y(way, self.rows[way.source])
            return [(x, start[1]), (x, y), (end[0], y), end], (words_x(x, end[0], way.label), y)
        label_at = (source.x, self._track_y(way, self.rows[way.source])) if way.label else start
        if way in self.entering:
            x, y = self.entering[way], self._track_y(way, self.rows[way.target] - 1)
            if self.rows[way.target] == self.rows[way.source] + 1:
                label_at = (words_x(source.x, x, way.label), y)
            return [start, (start[0], y), (x, y), (x, end[1])], label_at
        return [start, end], label_at

    def _lane_points(self, way: Way) -> tuple[list[Point], Point]:
        lane, source, target = self.lanes[way], self.boxes[way.source], self.boxes[way.target]
        edge = target.x + target.width / 2 * (1 if lane.enters == "right" else -1)
        entry = (edge, self.side_ports[way, way.target])
        if lane.leaves is None:
            x, y = self.leaving[way], self._track_y(way, self.rows[way.source])
            return [(x, source.y + source.height), (x, y), (lane.x, y), (lane.x, entry[1]), entry], (
                words_x(x, lane.x, way.label),
                y,
            )
        edge = source.x + source.width / 2 * (1 if lane.leaves == "right" else -1)
        exit_at = (edge, self.side_ports[way, f"{way.source}>"])
        return [exit_at, (lane.x, exit_at[1]), (lane.x, entry[1]), entry], exit_at

    def _track_y(self, way: Way, row: int) -> float:
        return self.channel_y[row] + TRACK * (self.tracks[way, row] + 1)

    def _place_side_ports(self) -> None:
        """Heights at which lanes leave and enter boxes: all those of a gutter and row apart, whichever their side."""
        ports: dict[tuple[int, int], list[tuple[Way, str]]] = defaultdict(list)
        for way, lane in self.lanes.items():
            ports[lane.gutter, self.rows[way.target]].append((way, way.target))
            if lane.leaves:
                ports[lane.gutter, self.rows[way.source]].append((way, f"{way.source}>"))
        self.side_ports: dict[tuple[Way, str], float] = {}
        for found in ports.values():
            boxes = [self.boxes[name.removesuffix(">")] for _, name in found]
            room = min(box.height for box in boxes) / (len(found) + 1)
            for place, ((way, name), box) in enumerate(zip(found, boxes, strict=True), 1):
                self.side_ports[way, name] = box.y + room * place

    def _extent(self, lines: list[Line]) -> tuple[float, float]:
        words = [line.label_at[0] + text_width(line.label) for line in lines if line.label]
        return max([self.right, *words]), self.bottom


def _box(step: BaseStep, words: Words) -> Box:
    if not step.inner:
        return Box(step.id, step, *box_size(words(step)))
    pictures = [lay_out(Strand(branch, has_join=True), words) for branch in step.inner]
    x, placed = PADDING, []
    for picture in pictures:
        placed.append((x, HEADER + FORK, picture))
        x += picture.width + BRANCH_GAP
    width = max(x - BRANCH_GAP + PADDING, BOX_WIDTH)
    height = HEADER + 2 * FORK + max(picture.height for picture in pictures) + PADDING
    return Box(step.id, step, width, height, branches=placed)
