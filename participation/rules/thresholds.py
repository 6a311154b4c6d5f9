"""How many supports oblige an institution to answer. A published rulebook; a running vote keeps its own version."""

from dataclasses import dataclass
from math import ceil

VERSION = 1
"""Of this rulebook. A subject keeps the version under which its first support was given."""
SLOTS = 7
"""Supports that one person may have at a time, as in the popular initiatives of 2021 and 2022."""
CONTEST_SHARE = 3
"""A "no" is reconsidered when one in so many of those who crossed the threshold objects."""


@dataclass(frozen=True)
class ReachRule:
    """For one reach: the least and the most that may be asked, and from how many places."""

    floor: int
    ceiling: int
    spread: int
    places: str
    """What places are counted: "" none, "commune" or "region"."""


RULES = {
    "commune": ReachRule(floor=50, ceiling=1_000, spread=0, places=""),
    "region": ReachRule(floor=300, ceiling=5_000, spread=3, places="commune"),
    "country": ReachRule(floor=1_500, ceiling=15_000, spread=4, places="region"),
}
USERS_SHARE = 100
"""One in so many yearly users of the procedure."""


@dataclass(frozen=True)
class Threshold:
    """Supports, and distinct places from which they must come (0: any)."""

    supports: int
    spread: int


def threshold(reach: str, users_a_year: int | None, floor: int | None = None) -> Threshold:
    """One in a hundred of the procedure's yearly users, within the limits of its reach.

    An institution may promise a lower floor, never a higher one. Without official volume the floor counts.
    """
    rule = RULES[reach]
    least = min(rule.floor, floor) if floor else rule.floor
    relative = ceil(users_a_year / USERS_SHARE) if users_a_year else least
    return Threshold(min(max(least, relative), rule.ceiling), rule.spread)


def is_crossed(*, total: int, places: int, needed: Threshold) -> bool:
    """Whether the duty to answer begins."""
    return total >= needed.supports and places >= needed.spread


def contests_needed(supports: int) -> int:
    """Objections that reopen a "no" given to so many people; at least one."""
    return max(1, ceil(supports / CONTEST_SHARE))
