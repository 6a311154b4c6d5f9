"""What a decision table gives for the data of a case."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from procedures.expressions.problems import RuleError
from procedures.schema import Bundle, DecisionStep, TableCell, TableRow

NUMBERS = frozenset({"integer", "money_clp", "money_uf", "money_utm", "decimal", "percentage"})
ORDERED = NUMBERS | {"date"}
"""Types that a cell may bound."""


def decide(step: DecisionStep, data: Mapping[str, Any], bundle: Bundle) -> tuple[int, dict[str, Any]]:
    """The place (from 1) of the one row that holds on `data[step][field]`, and its results.

    Raises RuleError when no row holds, or more than one.
    """
    places = [place for place, row in enumerate(step.rows, 1) if row_holds(row, _values(row, data), bundle.types)]
    if not places:
        raise RuleError("Ninguna fila de la tabla sirve para estas respuestas.")
    if len(places) > 1:
        raise RuleError(f"Sirven a la vez las filas {', '.join(map(str, places))} de la tabla.")
    return places[0], dict(step.rows[places[0] - 1].then)


def row_holds(row: TableRow, values: Mapping[str, Any], types: Mapping[str, str]) -> bool:
    """Whether every cell of a row holds on these values by path."""
    return all(cell_holds(cell, values.get(cell.data), types.get(cell.data, "text")) for cell in row.when)


def cell_holds(cell: TableCell, value: Any, kind: str) -> bool:
    """Whether a value (None: unanswered) meets a cell."""
    if value is None or value == "":
        return cell.empty or not (cell.equals or cell.min is not None or cell.below is not None)
    if cell.empty:
        return False
    comparable = as_comparable(value, kind)
    if cell.equals and comparable not in [as_comparable(wanted, kind) for wanted in cell.equals]:
        return False
    if cell.min is not None and comparable < as_comparable(cell.min, kind):
        return False
    return cell.below is None or bool(comparable < as_comparable(cell.below, kind))


def as_comparable(value: Any, kind: str) -> Any:
    """A value in a form that compares with others of its type. Raises RuleError."""
    if kind not in NUMBERS:
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise RuleError("Un valor de la tabla no es un número.") from None


def _values(row: TableRow, data: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for cell in row.when:
        step, _, name = cell.data.partition(".")
        found[cell.data] = (data.get(step) or {}).get(name)
    return found
