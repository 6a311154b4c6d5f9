"""Public holidays of Chile as the `holidays` library knows them, resolved by commune. No Django, no table.

The library's category "public" is what art. 25 calls holidays; its category "bank" (31 December) binds banks only.
It declares 20 August for all of Ñuble although the law grants it to two communes, so that day is filtered here.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version

import holidays
from holidays.constants import PUBLIC

SUBDIVISIONS = {
    "01": "TA", "02": "AN", "03": "AT", "04": "CO", "05": "VS", "06": "LI", "07": "ML", "08": "BI",
    "09": "AR", "10": "LL", "11": "AI", "12": "MA", "13": "RM", "14": "LR", "15": "AP", "16": "NB",
}  # fmt: skip
"""Library's subdivision of each region, by the first two digits of the commune's code."""

CHILLAN, CHILLAN_VIEJO = "16101", "16103"
NOT_WHOLE_REGION = {("NB", 8, 20): {CHILLAN, CHILLAN_VIEJO}}
"""Regional days of the library that hold only in some communes: (subdivision, month, day) to those communes."""

SOURCE = f"holidays {version('holidays')}"


def load() -> None:
    """Import what the first question of a process would: the library loads every country for any one, in a second."""
    import_module("holidays.countries")


def holiday_name(day: date, commune: str) -> str | None:
    """Spanish name of the public holiday that `day` is in `commune` (five-digit code), or None."""
    subdivision = SUBDIVISIONS.get(commune[:2], "")
    name = _holidays_of(day.year, subdivision).get(day)
    communes = NOT_WHOLE_REGION.get((subdivision, day.month, day.day))
    return name if communes is None or commune in communes else None


@lru_cache(maxsize=1024)
def _holidays_of(year: int, subdivision: str) -> Mapping[date, str]:
    return dict(
        holidays.country_holidays("CL", subdiv=subdivision or None, years=year, language="es", categories=(PUBLIC,))
    )
