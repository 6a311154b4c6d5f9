"""Charts drawn on the server as SVG: shapes and numbers only, no style, no script. A table beside says the same."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from django.utils.safestring import SafeString, mark_safe

WIDTH, ROW = 480, 56
"""User units of a chart and of one bar with its words above. Narrow, so that a telephone shrinks no letters."""


def bars(rows: Sequence[tuple[str, int, str]], title: str) -> SafeString:
    """Horizontal bars from 0 to 100: (label, percent, words at the end)."""
    height = ROW * len(rows) + 8
    drawn = "".join(_bar(place, *row) for place, row in enumerate(rows))
    return _figure(height, title, drawn)


def _bar(place: int, label: str, percent: int, words: str) -> str:
    top, room = place * ROW + 28, WIDTH - 70
    length = max(2, room * min(percent, 100) // 100)
    return (
        f'<text x="0" y="{top - 7}">{escape(_cut(label))}</text>'
        f'<rect x="0" y="{top}" width="{room}" height="18" class="ground"/>'
        f'<rect x="0" y="{top}" width="{length}" height="18"/>'
        f'<text x="{room + 10}" y="{top + 14}">{escape(words)}</text>'
    )


def _cut(label: str) -> str:
    return label if len(label) <= 56 else f"{label[:55]}…"


def goal(percent: int, marks: Sequence[int], title: str) -> SafeString:
    """One long bar towards the goals, each marked with a line and its number."""
    room = WIDTH - 20
    lines = "".join(
        f'<line x1="{10 + room * mark // 100}" y1="4" x2="{10 + room * mark // 100}" y2="50"/>'
        f'<text x="{10 + room * mark // 100}" y="68" text-anchor="middle">{mark}\N{NO-BREAK SPACE}%</text>'
        for mark in marks
    )
    drawn = (
        f'<rect x="10" y="12" width="{room}" height="30" class="ground"/>'
        f'<rect x="10" y="12" width="{max(2, room * percent // 100)}" height="30"/>{lines}'
    )
    return _figure(76, title, drawn)


def columns(rows: Sequence[tuple[str, int]], title: str) -> SafeString:
    """Columns over time: (label, number), each with its number on top."""
    most = max((number for _label, number in rows), default=0) or 1
    step = WIDTH // max(1, len(rows))
    drawn = "".join(_column(place, step, label, number, most) for place, (label, number) in enumerate(rows))
    return _figure(200, title, drawn)


def _column(place: int, step: int, label: str, number: int, most: int) -> str:
    height = max(1, 130 * number // most)
    middle, top = place * step + step // 2, 160 - height
    width = max(6, min(48, step - 8))
    return (
        f'<rect x="{middle - width // 2}" y="{top}" width="{width}" height="{height}"/>'
        f'<text x="{middle}" y="{top - 6}" text-anchor="middle">{number}</text>'
        f'<text x="{middle}" y="182" text-anchor="middle">{escape(label)}</text>'
    )


def _figure(height: int, title: str, drawn: str) -> SafeString:
    name = escape(title, {'"': "&quot;"})
    head = f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}">'
    return mark_safe(f"{head}{drawn}</svg>")  # noqa: S308  (every word was escaped above)
