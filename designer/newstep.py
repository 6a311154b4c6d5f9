"""A step that somebody asked for, and what it brings with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.models import Agency
from designer.tree import Data


@dataclass
class NewStep:
    """A step ready to be added, with what it needs in other lists and who fills its roles."""

    item: Data
    beside: dict[str, list[Data]] = field(default_factory=dict)
    bindings: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """What the person asked for: a kind of step, its name, who acts, and the steps before its place."""

    content: Data
    kind: str
    title: str
    role: str
    before: list[Data]
    agency: Agency
