"""What the second engine moves: a token for each thing that waits, and a meeting for each round of a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Step = Mapping[str, Any]
Branch = tuple[int, int]
"""Place of a meeting in `Machine.meetings`, and the branch of it, counted from 1."""


@dataclass(eq=False)
class Token:
    """Something that waits: a step, and the branches it stands in, the outermost first."""

    step: str
    path: tuple[Branch, ...]
    is_late: bool = False
    has_time: bool = False
    """Whether a clock of it has not run out."""
    position: int = 1
    """Which of its signatures a signature step waits for."""


@dataclass
class Meeting:
    """One round of a block: where its branches meet."""

    step: str
    path: tuple[Branch, ...]
    total: int
    arrived: set[int] = field(default_factory=set)
    is_over: bool = False


@dataclass(frozen=True)
class Told:
    """An event of the log, with the answers that were filed with it."""

    kind: str
    data: Mapping[str, Any]
    answers: Mapping[str, Any] | None = None
    """None where nothing was filed."""
    is_late: bool = False
    """Whether the next event says that it came too late to move the case."""
    is_overtaken: bool = False
    """Whether that event says that its block was entered again since."""
