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


def _whole(value: Any) -> int:
    number = Decimal(str(value))
    if isinstance(value, bool) or number != number.to_integral_value():
        raise ValueError
    return int(number)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _decimal(value: Any) -> str:
    if isinstance(value, bool) or not Decimal(str(value)).is_finite():
        raise ValueError
    return f"{Decimal(str(value)):f}"


def _text(value: Any) -> str:
    if isinstance(value, bool | dict | list):
        raise TypeError
    return str(value)[:4000]


_READERS: dict[str, Any] = {
    "integer": _whole,
    "money_clp": _whole,
    "decimal": _decimal,
    "yes_no": _truth,
    "date": lambda value: date.fromisoformat(str(value)[:10]).isoformat(),
}
