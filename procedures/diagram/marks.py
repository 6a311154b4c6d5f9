"""How a case stands in the picture: a mark for each step, told by its words, its outline and a sign, not by colour."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["done", "current", "waiting", "skipped", "closed"]
SIGNS: dict[Kind, str] = {"done": "✓", "current": "▶", "waiting": "…", "skipped": "✕", "closed": "✕"}


@dataclass(frozen=True)
class Mark:
    """What became of a step, in the words of whoever looks at it."""

    kind: Kind
    words: str

    @property
    def text(self) -> str:
        """The words with the sign of their kind."""
        return f"{SIGNS[self.kind]} {self.words}"

    @property
    def outline(self) -> dict[str, str]:
        """Attributes of the box's edge: heavy where the case is, broken where it waits, dotted where it did not go."""
        return {
            "done": {"stroke-width": "2.5"},
            "current": {"stroke-width": "4"},
            "waiting": {"stroke-width": "3", "stroke-dasharray": "10 5"},
            "skipped": {"stroke-width": "1.5", "stroke-dasharray": "2 4"},
            "closed": {"stroke-width": "1.5", "stroke-dasharray": "2 4"},
        }[self.kind]
