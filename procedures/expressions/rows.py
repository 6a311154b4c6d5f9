"""Rows of a condition: which comparisons each type admits, and their CEL.

An unanswered datum (never asked, hidden, or left blank) meets no comparison, not even `ne` or `not_in`;
only `empty` holds for it. So the order of two conditions never depends on what was left blank, and who
wants "not foods, or unanswered" says so with a group `any` and a row `empty`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from procedures.expressions.problems import Problem, RuleError, unknown_field
from procedures.schema import (
    FACETS,
    AllOf,
    AnyOf,
    Bundle,
    CelCondition,
    NoneOf,
    Row,
    Shape,
    shape_of,
)

_PRESENCE = frozenset({"filled", "empty"})
_EQUALITY = _PRESENCE | {"eq", "ne", "in", "not_in"}
_ORDER = frozenset({"lt", "le", "gt", "ge"})
_BY_SHAPE: Mapping[Shape, frozenset[str]] = {
    "text": _EQUALITY | {"contains"},
    "whole": _EQUALITY | _ORDER,
    "decimal": _EQUALITY | _ORDER,
    "day": _EQUALITY | _ORDER,
    "option": _EQUALITY,
    "truth": _PRESENCE | {"eq", "ne"},
    "options": _PRESENCE | {"contains"},
    "file": _PRESENCE,
    "rows": _PRESENCE,
    "parts": _PRESENCE,
    "none": frozenset(),
}
MANY = frozenset({"options", "rows", "parts"})
"""Shapes that are empty, and not null, without an answer."""

OPERATORS_BY_TYPE: Mapping[str, frozenset[str]] = {
    name: _BY_SHAPE[facet.shape] for name, facet in FACETS.items() if facet.shape != "none" and name != "computed"
}
"""Comparisons that make sense for each type of datum."""


def gettext_noop(text: str) -> str:
    """The text, marked to be translated by whoever shows it: nothing here knows Django."""
    return text


OPERATOR_WORDS = {
    "eq": gettext_noop("es"),
    "ne": gettext_noop("no es"),
    "lt": gettext_noop("es menor que"),
    "le": gettext_noop("es menor o igual a"),
    "gt": gettext_noop("es mayor que"),
    "ge": gettext_noop("es mayor o igual a"),
    "in": gettext_noop("es uno de"),
    "not_in": gettext_noop("no es ninguno de"),
    "filled": gettext_noop("tiene respuesta"),
    "empty": gettext_noop("no tiene respuesta"),
    "contains": gettext_noop("contiene"),
}
WITH_OPTIONS = frozenset({"choice", "choices", "linked", "ranking"})
"""Types whose options stand in the question."""
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def condition_to_cel(condition: AllOf | AnyOf | NoneOf | CelCondition, bundle: Bundle) -> str:
    """The CEL expression of a condition. Raises RuleError when a row cannot be compiled."""
    if isinstance(condition, CelCondition):
        return condition.cel
    return _group(condition, bundle)


def row_problem(row: Row, bundle: Bundle) -> Problem | None:
    """Why a row does not make sense for its field, or None."""
    kind = bundle.types.get(row.field)
    if kind is None:
        return unknown_field(row.field, bundle.types)
    if row.op not in OPERATORS_BY_TYPE[kind]:
        allowed = ", ".join(sorted(OPERATORS_BY_TYPE[kind]))
        return Problem(
            "operator_of_other_type",
            f"La comparación '{row.op}' no sirve para '{row.field}', que es de tipo '{kind}'.",
            f"Use una de estas: {allowed}.",
        )
    return _value_problem(row, kind, bundle)


def _value_problem(row: Row, kind: str, bundle: Bundle) -> Problem | None:
    if row.op in _PRESENCE:
        wrong = row.value is not None
        return Problem("value_unused", f"'{row.op}' no lleva valor.", "Quite «value».") if wrong else None
    if row.op in ("in", "not_in"):
        if not isinstance(row.value, tuple) or not row.value:
            return Problem(
                "value_not_list", f"'{row.op}' necesita una lista de valores.", "Escriba value: [uno, otro]."
            )
        values: tuple[object, ...] = row.value
    else:
        values = (row.value,)
    try:
        for value in values:
            _literal(row.field, kind, value, bundle)
    except RuleError as error:
        return Problem("value_of_other_type", str(error), _value_help(kind))
    return None


def _group(group: AllOf | AnyOf | NoneOf, bundle: Bundle) -> str:
    parts = [_row(item, bundle) if isinstance(item, Row) else f"({_group(item, bundle)})" for item in group.items]
    joined = (" && " if isinstance(group, AllOf) else " || ").join(parts)
    return f"!({joined})" if isinstance(group, NoneOf) else joined


def _row(row: Row, bundle: Bundle) -> str:
    problem = row_problem(row, bundle)
    if problem:
        raise RuleError(problem.message)
    kind = bundle.types[row.field]
    present = f"size({row.field}) > 0" if shape_of(kind) in MANY else f"{row.field} != null"
    if row.op in _PRESENCE:
        return present if row.op == "filled" else f"!({present})"
    return f"({present} && {_comparison(row, kind, bundle)})"


def _comparison(row: Row, kind: str, bundle: Bundle) -> str:
    if isinstance(row.value, tuple):
        literals = ", ".join(_literal(row.field, kind, value, bundle) for value in row.value)
        inside = f"{row.field} in [{literals}]"
        return inside if row.op == "in" else f"!({inside})"
    literal = _literal(row.field, kind, row.value, bundle)
    if row.op == "contains":
        return f"{literal} in {row.field}" if shape_of(kind) == "options" else f"{row.field}.contains({literal})"
    return f"{row.field} {_SIGNS[row.op]} {literal}"


def _literal(path: str, kind: str, value: object, bundle: Bundle) -> str:
    """The CEL literal of a value for a datum of that type. Raises RuleError."""
    writer = _day_literal(kind) if shape_of(kind) == "day" else _LITERALS.get(shape_of(kind), _text_literal)
    literal = writer(value)
    if literal is None:
        raise RuleError(f"El valor {json.dumps(value, ensure_ascii=False)} no sirve para '{path}', de tipo '{kind}'.")
    if kind in WITH_OPTIONS:
        _known_option(path, value, bundle)
    return literal


def _known_option(path: str, value: object, bundle: Bundle) -> None:
    try:
        options = [option.id for option in bundle.field(path).options]
    except KeyError:  # brought by a lookup, which declares no options
        return
    if value not in options:
        raise RuleError(f"'{value}' no es una opción de '{path}'. Sus opciones: {', '.join(options)}.")


def _text_literal(value: object) -> str | None:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else None


def _int_literal(value: object) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _bool_literal(value: object) -> str | None:
    return json.dumps(value) if isinstance(value, bool) else None


def _decimal_literal(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    text = f"{number:f}"
    return text if "." in text else f"{text}.0"


def _day_literal(kind: str) -> Callable[[object], str | None]:
    """Dates and hours are written so that the order of their texts is the order of time."""

    def write(value: object) -> str | None:
        try:
            return json.dumps(_CLOCKS[kind](value)) if isinstance(value, str) else None
        except ValueError:
            return None

    return write


_CLOCKS: Mapping[str, Callable[[str], str]] = {
    "date": lambda text: date.fromisoformat(text).isoformat(),
    "time": lambda text: time.fromisoformat(text).strftime("%H:%M"),
    "datetime": lambda text: datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M"),
}
_LITERALS: dict[Shape, Callable[[object], str | None]] = {
    "whole": _int_literal,
    "decimal": _decimal_literal,
    "truth": _bool_literal,
}
_HELP_BY_SHAPE: Mapping[Shape, str] = {
    "text": "Escriba un texto entre comillas.",
    "whole": "Escriba un número entero sin comillas ni puntos.",
    "decimal": "Escriba un número con punto decimal: 100.5.",
    "truth": "Escriba true (sí) o false (no).",
    "option": "Escriba el id de una de sus opciones.",
    "options": "Escriba el id de una de sus opciones.",
}
_HELP_BY_TYPE = {
    "date": "Escriba la fecha como AAAA-MM-DD.",
    "time": "Escriba la hora como HH:MM, entre comillas.",
    "datetime": "Escriba la fecha y la hora como AAAA-MM-DDTHH:MM.",
    "commune": "Escriba el código de cinco cifras de la comuna, entre comillas.",
}


def _value_help(kind: str) -> str:
    return _HELP_BY_TYPE.get(kind) or _HELP_BY_SHAPE[shape_of(kind)]
