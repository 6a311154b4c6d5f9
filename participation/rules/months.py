"""Calendar months of a year of figures."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

MONTHS = 12
"""How many the dashboard shows, the one under way among them."""


def first_day(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def following(month: date) -> date:
    """The first day of the next month."""
    return first_day(first_day(month) + timedelta(days=32))


def months_until(day: date) -> Sequence[date]:
    """First days of the twelve months that end with that of `day`, in order."""
    months = [first_day(day)]
    while len(months) < MONTHS:
        months.append(first_day(months[-1] - timedelta(days=1)))
    return months[::-1]


def middle(counted: Mapping[int, int]) -> float | None:
    """The median of values of which {value: how many} are known; None of nothing."""
    total = sum(counted.values())
    if not total:
        return None
    places, passed = ((total - 1) // 2, total // 2), 0
    found: list[int] = []
    for value, number in sorted(counted.items()):
        passed += number
        found += [value for place in places[len(found) :] if place < passed]
    return sum(found) / 2
