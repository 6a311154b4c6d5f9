"""From the JSON of a service to values of the declared types. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from procedures.api import ServiceValue
from workflows.connectors.guard import Refused


def read_values(answer: Any, wanted: Mapping[str, ServiceValue]) -> dict[str, Any]:
    """{datum: value as stored}; what the answer lacks is None. Raises Refused for a value of another type."""
    return {name: _typed(_at(answer, value.path), value.type, name) for name, value in wanted.items()}


def _at(answer: Any, path: str) -> Any:
    found = answer
    for key in path.split("."):
        if isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, Mapping):
            found = found.get(key)
        else:
            return None
    return found


def _typed(value: Any, kind: str, name: str) -> Any:
    if value is None or value == "":
        return None
    try:
        return _READERS.get(kind, _text)(value)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise Refused(f"El servicio dio en «{name}» un valor que no es del tipo esperado.") from error


MOST_FIGURES = 18
"""Of a number, before or after its comma: «1e9999999» is a short text whose figures would fill the memory."""


def _number(value: Any) -> Decimal:
    number = Decimal(str(value))
    if isinstance(value, bool) or not number.is_finite() or number.adjusted() >= MOST_FIGURES:
        raise ValueError
    if int(number.as_tuple().exponent) < -MOST_FIGURES:
        raise ValueError
    return number


def _whole(value: Any) -> int:
    number = _number(value)
    if number != number.to_integral_value():
        raise ValueError
    return int(number)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _decimal(value: Any) -> str:
    return f"{_number(value):f}"


def _text(value: Any) -> str:
    if isinstance(value, bool | dict | list):
        raise TypeError
    text = str(value)[:4000]
    if any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in text):
        raise ValueError  # no database keeps them: the answer would be asked for again and again
    return text


_READERS: dict[str, Any] = {
    "integer": _whole,
    "money_clp": _whole,
    "decimal": _decimal,
    "yes_no": _truth,
    "date": lambda value: date.fromisoformat(str(value)[:10]).isoformat(),
}
