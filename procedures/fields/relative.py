"""Limits of a date counted from the day on which the person answers: "today", "today + 15 days", "today - 18 years"."""

import re
from datetime import date, timedelta

from legaltime.api import add_months

_PARTS = re.compile(r"today(?: ([+-]) ([1-9]\d{0,2}) (days|months|years))?")
_MONTHS = {"months": 1, "years": 12}


def is_relative(limit: object) -> bool:
    """Whether it is counted from the day of the answer."""
    return isinstance(limit, str) and _PARTS.fullmatch(limit) is not None


def day_of_limit(limit: object, today: date) -> date:
    """The day that a limit means for who answers today; days are running ones. ValueError when it is no date."""
    found = _PARTS.fullmatch(limit) if isinstance(limit, str) else None
    if found is None:
        return date.fromisoformat(str(limit))
    sign, amount, unit = found.groups()
    steps = int(f"{sign}{amount}") if amount else 0
    return add_months(today, steps * _MONTHS[unit]) if unit in _MONTHS else today + timedelta(days=steps)
