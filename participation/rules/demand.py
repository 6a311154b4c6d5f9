"""What supporters say a procedure costs them: medians with their spread, and a year's hours and pesos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

MINIMUM = 5
"""Answers below which nothing is shown: a median of two tells what two people said."""
MOST = {
    "times_a_year": 365,
    "minutes": 3 * 24 * 60,
    "days": 1_000,
    "visits": 50,
    "distance_km": 4_000,
    "pesos": 2_000_000,
}
"""Limits of plausibility: answers above are refused on the form."""


@dataclass(frozen=True)
class Spread:
    """The middle value and the middle half of the answers, in their own unit."""

    low: float
    median: float
    high: float
    answers: int


@dataclass(frozen=True)
class Interval:
    """A year's estimate: from the lower quartile to the upper one, around the median."""

    low: int
    middle: int
    high: int


def spread(values: Sequence[float]) -> Spread | None:
    """Quartiles of the answers; None below the minimum of answers."""
    if len(values) < MINIMUM:
        return None
    low, median, high = quantiles(values, n=4, method="inclusive")
    return Spread(low, median, high, len(values))


def yearly(people: int, times: Spread | None, each: Spread | None, *, unit: int = 1) -> Interval | None:
    """People × times a year × `each`, divided by `unit` (60 turns minutes into hours). None without both medians.

    Low uses both lower quartiles, high both upper ones: wider than a confidence interval, and easy to redo by hand.
    """
    if times is None or each is None:
        return None
    return Interval(
        round(people * times.low * each.low / unit),
        round(people * times.median * each.median / unit),
        round(people * times.high * each.high / unit),
    )


def says_something(row: Mapping[str, Any]) -> bool:
    """Whether some question was answered: all of them are optional."""
    return bool(row["papers"]) or any(row.get(name) is not None for name in MOST)


def summed(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Answers as a count row keeps them: how many, quartiles of each number, and the papers of enough people."""
    kept: dict[str, Any] = {"answers": sum(says_something(row) for row in rows)}
    for name in MOST:
        found = spread([row[name] for row in rows if row[name] is not None])
        if found is not None:
            kept[name] = [found.low, found.median, found.high, found.answers]
    brought = Counter(paper for row in rows for paper in set(row["papers"]))
    kept["papers"] = [[paper, number] for paper, number in brought.most_common() if number >= MINIMUM]
    return kept


def kept_spread(kept: Mapping[str, Any], name: str) -> Spread | None:
    """The quartiles of one number, as they were kept; None where too few answered."""
    return Spread(*kept[name]) if name in kept else None
