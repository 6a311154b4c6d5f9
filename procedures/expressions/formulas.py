"""Computed answers: a formula in CEL, or a sum over the rows of a group or of a table of amounts."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cel_expr_python import cel

from procedures.expressions.cel import run, typed
from procedures.expressions.problems import Problem
from procedures.schema import Bundle, Field, shape_of

Pesos = Mapping[str, Decimal]
"""The value in pesos of each indicator on a day: {"uf": …, "utm": …}."""
INDICATORS = ("uf", "utm")
"""Values in pesos that a formula may use: `indicator.uf`."""
_DECIMALS = Decimal("0.000001")
_GIVES = {
    "whole": {"int", "wrapper(int)", "double", "wrapper(double)", "dyn"},
    "decimal": {"int", "wrapper(int)", "double", "wrapper(double)", "dyn"},
    "text": {"string", "wrapper(string)", "dyn"},
    "truth": {"bool", "wrapper(bool)", "dyn"},
}


def check_formula(expression: str, result: str, bundle: Bundle) -> Problem | None:
    """Why a formula cannot be published, or None."""
    found = typed(expression, bundle, {f"indicator.{name}": "decimal" for name in INDICATORS})
    if isinstance(found, Problem):
        return found
    if found.name().lower() not in _GIVES[shape_of(result)]:
        return Problem("formula_of_other_type", f"La fórmula da {found.name()}, no «{result}».", "Cambie «result».")
    return None


def compute(field: Field, own: Mapping[str, Any], data: Mapping[str, Any], bundle: Bundle, pesos: Pesos) -> Any:
    """The answer of a computed question, as it is stored; None while something it uses is missing.

    `own` has the answers of its step and `pesos` the day's value of each indicator. Raises RuleError.
    """
    if field.sum_of is not None:
        return _stored(field.result, added(own, field.sum_of))
    indicators = {name: float(pesos[name]) if name in pesos else None for name in INDICATORS}
    value = run(field.formula or "", data, bundle, {"indicator": indicators})
    is_result = value.type() in (cel.Type.INT, cel.Type.DOUBLE, cel.Type.STRING, cel.Type.BOOL)
    return _stored(field.result, value.value()) if is_result else None


def added(own: Mapping[str, Any], path: str) -> Decimal:
    """The sum of a column of a group ("socios.porcentaje") or of a table of amounts ("presupuesto")."""
    name, _, column = path.partition(".")
    rows = own.get(name) or ()
    cells = [row[column] for row in rows if column in row] if column else list(dict(rows).values())
    return sum((Decimal(cell) for cell in cells), Decimal(0))


def _stored(result: str, value: Any) -> Any:
    shape = shape_of(result)
    if shape == "whole":
        return int(Decimal(str(value)).quantize(Decimal(1), ROUND_HALF_UP))
    if shape == "decimal":
        text = f"{Decimal(str(value)).quantize(_DECIMALS, ROUND_HALF_UP):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value
