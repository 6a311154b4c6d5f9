"""UF and UTM: their value in pesos on each day, as the Central Bank and the tax service publish them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from procedures.errors import BadIndicatorFile
from procedures.expressions import INDICATORS
from procedures.models import IndicatorValue

LASTS = timedelta(days=31)
"""How long a value is used without another: the UTM holds for a month, the UF is published for as much ahead."""
_DAY = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")
"""The UTM has no cents: "69.542" is so many thousands."""
_LEAST_PESOS = Decimal(1_000)
"""Neither has been worth so little this century: a lower value was read, or written, in another unit."""
_MOST_PESOS = Decimal(10_000_000)


def latest_value(code: str, on: date | None = None) -> IndicatorValue | None:
    """The value of "uf" or "utm" that holds on a day: the last one dated on it or before; None without one."""
    values = IndicatorValue.objects.filter(code=code)
    return (values.filter(day__lte=on) if on else values).order_by("-day").first()


def pesos_on(day: date) -> dict[str, Decimal]:
    """What each indicator is worth on a day, in pesos; one without a value of that day or shortly before is left out.

    A table that nobody updates gives no value: none is honest, another month's is not.
    """
    found = {code: latest_value(code, day) for code in INDICATORS}
    return {code: value.pesos for code, value in found.items() if value is not None and day - value.day < LASTS}


@transaction.atomic
def import_values(*, text: str, code: str, now: datetime) -> tuple[int, int]:
    """Read a CSV of days and values ("21-11-2026;39.643,59" or "2026-11-21,39643.59") and keep them.

    Returns how many are new and how many changed. Raises BadIndicatorFile naming the line; then nothing is kept.
    """
    new = changed = 0
    for day, pesos in _rows(text):
        before = IndicatorValue.objects.filter(code=code, day=day).first()
        if before is None:
            IndicatorValue.objects.create(code=code, day=day, pesos=pesos, imported_at=now)
            new += 1
        elif before.pesos != pesos:
            IndicatorValue.objects.filter(pk=before.pk).update(pesos=pesos, imported_at=now)
            changed += 1
    return new, changed


def _rows(text: str) -> Iterator[tuple[date, Decimal]]:
    first = text.lstrip("\ufeff").splitlines()[:1]
    separator = ";" if first and ";" in first[0] else ","
    for number, row in enumerate(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=separator), 1):
        if not any(cell.strip() for cell in row):
            continue
        try:
            yield _day(row[0].strip()), _pesos(row[1].strip())
        except (ValueError, IndexError, InvalidOperation):
            if number > 1 or any(char.isdigit() for char in "".join(row)):  # the first line may hold titles
                raise BadIndicatorFile(number) from None


def _day(text: str) -> date:
    found = _DAY.fullmatch(text)
    return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(text)


def _pesos(text: str) -> Decimal:
    digits: Any = text.replace("$", "").replace(" ", "")
    if "," in digits or _GROUPED.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    value = Decimal(digits)
    if not _LEAST_PESOS < value < _MOST_PESOS:
        raise ValueError(text)
    return value
