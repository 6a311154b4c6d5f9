"""Where communes lie: simplified outlines, drawn by the server for whoever points at a place. No outside tiles.

The lines come from the División Político Administrativa 2023 of IDE Chile (geoportal.cl), simplified: they serve to
find one's way, never to say on which side of a boundary something lies.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import cos, radians
from pathlib import Path

from procedures.fields.lists import communes

_OUTLINES = Path(__file__).parent.parent / "data" / "outlines.csv"
SIDE = 280
"""Width and height of a map in CSS pixels: it fits a narrow telephone, and a place on it means the same everywhere."""
NEAREST = 3
"""How often one can go nearer; each time four times as much."""
_UNIT = 1000
"""Parts of a degree in which the outlines are written, about a hundred metres each."""
_NAME_WIDTH, _NAME_HEIGHT = 80, 16
"""Pixels that a name needs."""
_KM = 111.32
"""Kilometres of a degree of latitude."""
_STEP = Decimal("0.00001")

Point = tuple[float, float]
"""Longitude and latitude, in degrees."""
Box = tuple[float, float, float, float]
"""West, south, east and north, in degrees."""


@dataclass(frozen=True)
class Window:
    """The square piece of land that a map shows."""

    west: float
    north: float
    span: float
    """Height in degrees of latitude; the width is as many kilometres."""

    @property
    def _squeeze(self) -> float:
        """How much shorter a degree of longitude is here."""
        return cos(radians(self.north - self.span / 2))

    @property
    def kilometres(self) -> float:
        """Width of what is shown."""
        return self.span * _KM

    def place(self, point: Point) -> Point:
        """Where a point of the land is drawn, in pixels from the upper left corner."""
        longitude, latitude = point
        scale = SIDE / self.span
        return (longitude - self.west) * self._squeeze * scale, (self.north - latitude) * scale

    def point(self, x: float, y: float) -> tuple[Decimal, Decimal]:
        """Latitude and longitude, to about a metre, of a place on the drawing."""
        latitude = self.north - y * self.span / SIDE
        longitude = self.west + x * self.span / SIDE / self._squeeze
        return Decimal(latitude).quantize(_STEP), Decimal(longitude).quantize(_STEP)

    def shows(self, box: Box) -> bool:
        """Whether something of that box may be seen."""
        left, top = self.place((box[0], box[3]))
        right, bottom = self.place((box[2], box[1]))
        return right > 0 and left < SIDE and bottom > 0 and top < SIDE


@dataclass(frozen=True)
class Shape:
    """A commune as it is drawn."""

    name: str
    path: str
    """Of an SVG `path`."""
    is_own: bool
    label: Point | None
    """Where its name is written; None where its middle is not seen, or another name stands there."""


def window_of(commune: str, level: int = 0, centre: Point | None = None) -> Window | None:
    """The piece of land around a commune, or `level` times nearer around a point; None where no outline is known."""
    if commune not in outlines():
        return None
    west, south, east, north = _box(outlines()[commune][:1])
    squeeze = cos(radians((south + north) / 2))
    span = max(north - south, (east - west) * squeeze) * 1.1
    middle = ((west + east) / 2, (south + north) / 2)
    if level > 0 and centre is not None:
        span, middle = span / 4 ** min(level, NEAREST), centre
    return window_around(middle, span)


def window_around(middle: Point, span: float) -> Window:
    """A piece of land `span` degrees of latitude high, around a point."""
    return Window(middle[0] - span / 2 / cos(radians(middle[1])), middle[1] + span / 2, span)


def shapes(window: Window, commune: str) -> Iterator[Shape]:
    """What is seen in a window: the neighbours, and the commune itself over them."""
    seen = [code for code, rings in outlines().items() if code != commune and window.shows(_box(rings))]
    names = _names(window, [commune, *seen])
    for code in [*seen, commune]:
        rings = [[window.place(point) for point in ring] for ring in outlines()[code]]
        path = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in rings)
        yield Shape(communes()[code].name, path, code == commune, names.get(code))


def _names(window: Window, codes: list[str]) -> dict[str, Point]:
    """Where names are written, the first ones first: each in the middle of its commune, apart from the others."""
    placed: dict[str, Point] = {}
    for code in codes:
        ring = outlines()[code][0]
        middle = (sum(x for x, _y in ring) / len(ring), sum(y for _x, y in ring) / len(ring))
        x, y = window.place(middle)
        is_free = all(abs(x - left) > _NAME_WIDTH or abs(y - top) > _NAME_HEIGHT for left, top in placed.values())
        if is_free and _NAME_WIDTH / 2 < x < SIDE - _NAME_WIDTH / 2 and _NAME_HEIGHT < y < SIDE - _NAME_HEIGHT:
            placed[code] = (x, y)
    return placed


def _box(rings: list[list[Point]]) -> Box:
    across = [x for ring in rings for x, _y in ring]
    up = [y for ring in rings for _x, y in ring]
    return min(across), min(up), max(across), max(up)


@cache
def outlines() -> dict[str, list[list[Point]]]:
    """The rings of each commune, the largest first, by its code."""
    with _OUTLINES.open(encoding="utf-8", newline="") as file:
        return {row["code"]: [_ring(ring) for ring in row["rings"].split(";")] for row in csv.DictReader(file)}


def _ring(written: str) -> list[Point]:
    """A ring written as its first corner and the steps from each to the next."""
    numbers = list(map(int, written.split()))
    x = y = 0
    corners = []
    for right, up in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + right, y + up
        corners.append((x / _UNIT, y / _UNIT))
    return corners
