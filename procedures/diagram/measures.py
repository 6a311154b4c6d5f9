"""Sizes of the picture, in CSS pixels."""

import textwrap

BOX_WIDTH = 200.0
LINE_HEIGHT = 19.0
WRAP = 25
"""Letters on a line of a box."""
CHANNEL = 26.0
"""Least height between rows."""
TRACK = 20.0
GUTTER = 40.0
LANE = 14.0
PORT = 22.0
PADDING = 16.0
HEADER = 30.0
FORK = 24.0
BRANCH_GAP = 28.0
MARGIN = 12.0
_LETTER = 7.0


def wrapped(text: str) -> list[str]:
    """A text broken to fit a box."""
    return textwrap.wrap(text, WRAP) or [text]


def box_size(lines: list[str]) -> tuple[float, float]:
    """Width and height of a box with these lines in it."""
    return BOX_WIDTH, LINE_HEIGHT * len(lines) + 18


def text_width(text: str) -> float:
    """About how wide a label is."""
    return len(text) * _LETTER + 8 if text else 0.0
