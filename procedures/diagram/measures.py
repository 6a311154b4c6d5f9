"""Sizes of the picture, in CSS pixels."""

import textwrap

from procedures.schema import BaseStep

BOX_WIDTH = 200.0
LINE_HEIGHT = 19.0
WRAP = 24
"""Letters of a title on a line."""
CHANNEL = 26.0
"""Least height between rows."""
TRACK = 20.0
GUTTER = 40.0
LANE = 14.0
PORT = 22.0
SIDE_PORT = 14.0
PADDING = 16.0
HEADER = 30.0
FORK = 24.0
BRANCH_GAP = 28.0
MARGIN = 12.0
_LETTER = 7.0


def title_lines(step: BaseStep) -> list[str]:
    """The title of a step, broken to fit its box."""
    return textwrap.wrap(step.title, WRAP) or [step.title]


def box_size(step: BaseStep) -> tuple[float, float]:
    """Width and height of the box of a step: its title, and a line for who acts."""
    return BOX_WIDTH, LINE_HEIGHT * (len(title_lines(step)) + 1) + 18


def text_width(text: str) -> float:
    """About how wide a label is."""
    return len(text) * _LETTER + 8 if text else 0.0
