"""When the branches of a block have done enough for the case to go on. Pure."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass


@dataclass(frozen=True)
class JoinRule:
    """What a join waits for. Branches are counted from 1, as in their tokens."""

    kind: str = "all"
    n: int = 0
    required: frozenset[int] = frozenset()

    @property
    def looks_at_clocks(self) -> bool:
        """Whether a clock that runs out may let the case go on (Ley 19.880 art. 38)."""
        return self.kind == "all_required"

    def is_met(self, arrived: Set[int], total: int, awaited: Set[int]) -> bool:
        """Whether the case goes on, with these branches of `total` ended; `awaited` still have time to end."""
        if self.kind == "any":
            return bool(arrived) or total == 0
        if self.kind == "n":
            return len(arrived) >= min(self.n, total)
        if self.kind == "all_required":
            return self.required <= arrived and not awaited - arrived
        return len(arrived) >= total


def block_of(token: str) -> tuple[str, int]:
    """The split a token was born at, and its branch: "start/12_2" is ("12", 2); ("", 0) outside blocks."""
    _base, slash, last = token.rpartition("/")
    if not slash:
        return "", 0
    split, _, branch = last.partition("_")
    return split, int(branch)


def enclosing_splits(token: str) -> list[str]:
    """The splits around a token, the innermost first."""
    return [part.partition("_")[0] for part in reversed(token.split("/")[1:])]


def branch_at(token: str, depth: int) -> int:
    """The number of the branch that a token took in the block that stands inside `depth` others."""
    return int(token.split("/")[1 + depth].partition("_")[2])
