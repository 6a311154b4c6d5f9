"""What supporters say a procedure costs them: medians with their spread, and a year's hours and pesos."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

MINIMUM = 5
"""Answers below which nothing is shown: a median of two tells what two people said."""
MOST = {"times_a_year": 365, "minutes": 3 * 24 * 60, "distance_km": 4_000, "pesos": 2_000_000}
"""Limits of plausibility for one time: answers above are refused on the form."""


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
