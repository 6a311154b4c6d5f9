"""Writes of this room: holidays that the library does not know, or knows wrongly."""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction

from legaltime import rules
from legaltime.models import HolidayOverride
from legaltime.national_calendar import SUBDIVISIONS
from legaltime.queries import Calendar
from legaltime.rules import Place

_declared: list[Callable[[date, str, datetime], None]] = []


class InvalidOverride(ValueError):
    """An override that cannot be recorded; the text says what to do."""


def on_declared(told: Callable[[date, str, datetime], None]) -> None:
    """`told(day, place, now)` runs in the transaction that makes a rest day of a business day: clocks may cross it."""
    _declared.append(told)


@transaction.atomic
def record_override(
    *, day: date, place: str, is_holiday: bool, name: str, legal_source: str, by: str, now: datetime
) -> HolidayOverride:
    """Declare `day` a holiday in `place` ("" = country, region or commune code), or a business day.

    Replaces the override of the same day and place. InvalidOverride for an unknown place or an empty text.
    """
    _check_place(place)
    if not name.strip() or not legal_source.strip():
        raise InvalidOverride("Escribe el nombre del día y la norma que lo establece.")
    was_business_day = _is_business_day(day, place)
    override, _ = HolidayOverride.objects.update_or_create(
        date=day,
        place=place,
        defaults={
            "is_holiday": is_holiday,
            "name": name.strip(),
            "legal_source": legal_source.strip(),
            "recorded_by": by,
            "recorded_at": now,
        },
    )
    if was_business_day and not _is_business_day(day, place):
        for told in _declared:
            told(day, place, now)
    return override


def _is_business_day(day: date, place: str) -> bool:
    return rules.is_business_day(day, Calendar(Place(place, "")).holiday)


def remove_override(*, day: date, place: str) -> None:
    """Go back to what the library says of `day` in `place`; InvalidOverride when nothing was recorded."""
    deleted, _ = HolidayOverride.objects.filter(date=day, place=place).delete()
    if not deleted:
        where = f"el lugar {place}" if place else "todo el país"
        raise InvalidOverride(f"No hay una corrección para el {day:%d/%m/%Y} en {where}.")


def _check_place(place: str) -> None:
    """Raise InvalidOverride unless `place` is "", a region of the State's codes, or a commune in one."""
    if place and not (place.isdigit() and len(place) in {2, 5} and place[:2] in SUBDIVISIONS):
        raise InvalidOverride(
            f"«{place}» no es un lugar. Usa el código de la región (2 dígitos) o de la comuna (5 dígitos)."
        )
