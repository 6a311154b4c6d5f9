"""CEL behind three functions: type-check when published, evaluate at run time, and nothing else.

Traps this module answers for: evaluation *returns* errors as values whose Python form is a truthy string, so only a
result of type BOOL is a verdict; numbers, dates and blanks are converted here, by the declared type of each field.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from procedures.expressions.problems import Problem, RuleError, unknown_field
from procedures.expressions.rows import MANY, condition_to_cel, row_problem
from procedures.schema import AllOf, AnyOf, Bundle, CelCondition, NoneOf, Shape, rows_of, shape_of

_WRAPPERS: Mapping[Shape, str] = {
    "whole": "google.protobuf.Int64Value",
    "decimal": "google.protobuf.DoubleValue",
    "truth": "google.protobuf.BoolValue",
}
_TYPE_WORDS = {
    "wrapper(int)": "número entero",
    "int": "número entero",
    "wrapper(double)": "número decimal",
    "double": "número decimal",
    "wrapper(string)": "texto",
    "string": "texto",
    "wrapper(bool)": "sí o no",
    "bool": "sí o no",
    "null_type": "nada",
}
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
_OVERLOAD = re.compile(r"no matching overload for '([^']+)' applied to '([^']+)'")
_PATH = re.compile(r"(?<![\w.\"'])[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*(?![\w(])")
_COMPARE = "Compare el dato con un valor."
_PLACE = re.compile(r"<input>:\d+:(\d+): ")


def check(condition: AllOf | AnyOf | NoneOf | CelCondition, bundle: Bundle) -> list[Problem]:
    """Why a condition cannot be published: unknown data, comparisons of other types, no yes-or-no result."""
    if not isinstance(condition, CelCondition):
        found = [problem for row in rows_of(condition) if (problem := row_problem(row, bundle))]
        if found:
            return found
    return check_cel(condition_to_cel(condition, bundle), bundle)


def check_cel(expression: str, bundle: Bundle) -> list[Problem]:
    """The problems of an expression against the types of the bundle."""
    found = typed(expression, bundle)
    if isinstance(found, Problem):
        return [found]
    if found != cel.Type.BOOL:
        return [Problem("not_a_verdict", f"Debe dar verdadero o falso, da {found.name()}.", _COMPARE)]
    return []


def typed(expression: str, bundle: Bundle, more: Mapping[str, str] | None = None) -> cel.Type | Problem:
    """The type that an expression gives, with the types of `more` data; or why it cannot be read."""
    types = {path: bundle.types[path] for path in paths_in(expression, bundle)} | dict(more or {})
    found = _type_given(tuple(sorted(types.items())), expression)
    return _compile_problem(found, bundle) if isinstance(found, str) else found


def evaluate(condition: AllOf | AnyOf | NoneOf | CelCondition | str, data: Mapping[str, Any], bundle: Bundle) -> bool:
    """The verdict of a condition (or of CEL) on `data[step][field]`.

    Unanswered data meet no comparison in rows; in CEL they are `null`. Raises RuleError when there is no verdict.
    """
    result = run(_expression(condition, bundle), data, bundle)
    if result.type() != cel.Type.BOOL:
        raise RuleError(
            "La condición no dio verdadero ni falso: falta una respuesta que usa, o compara tipos distintos."
        )
    return bool(result.value())


def run(expression: str, data: Mapping[str, Any], bundle: Bundle, more: Mapping[str, Any] | None = None) -> cel.Value:
    """What an expression gives on `data`, an error of CEL included. Raises RuleError when it cannot run at all."""
    values = {**_values(expression, data, bundle), **(more or {})}
    try:
        return _compiled(tuple(sorted(values)), expression).eval(data=values)
    except RuntimeError:
        raise RuleError("La condición no se puede evaluar: revise cómo está escrita.") from None


def paths_in(condition: AllOf | AnyOf | NoneOf | CelCondition | str, bundle: Bundle) -> tuple[str, ...]:
    """The data of the bundle that a condition (or CEL) names, in order."""
    if isinstance(condition, AllOf | AnyOf | NoneOf):
        return tuple(dict.fromkeys(row.field for row in rows_of(condition)))
    expression = condition if isinstance(condition, str) else condition.cel
    return tuple(path for path in _named(expression) if path in bundle.types)


def _expression(condition: AllOf | AnyOf | NoneOf | CelCondition | str, bundle: Bundle) -> str:
    """Its CEL, written once for each bundle: a page of many questions asks for it again and again."""
    if isinstance(condition, str):
        return condition
    if condition not in bundle.written_rules:
        bundle.written_rules[condition] = condition_to_cel(condition, bundle)
    return bundle.written_rules[condition]


@lru_cache(maxsize=4096)
def _named(expression: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_PATH.findall(expression)))


def _values(expression: str, data: Mapping[str, Any], bundle: Bundle) -> dict[str, dict[str, Any]]:
    """The data that the expression names as CEL wants them, blanks as null (lists as empty)."""
    values: dict[str, dict[str, Any]] = {}
    for path in _named(expression):
        if path in bundle.types:
            step, _, field = path.partition(".")
            answer = (data.get(step) or {}).get(field)
            values.setdefault(step, {})[field] = _value(bundle.types[path], answer)
    return values


def _value(kind: str, answer: Any) -> Any:
    shape = shape_of(kind)
    if shape in MANY:
        return answer or ({} if shape == "parts" else [])
    if answer is None or answer == "":
        return None
    if shape == "file":
        return ", ".join(str(file["name"]) for file in (answer if isinstance(answer, list) else [answer]))
    if isinstance(answer, dict) and shape == "option":
        return answer["code"]
    try:
        return float(answer) if shape == "decimal" else answer
    except (TypeError, ValueError):
        raise RuleError("Una respuesta guardada no es un número decimal.") from None


@lru_cache(maxsize=4096)
def _type_given(types: tuple[tuple[str, str], ...], expression: str) -> cel.Type | str:
    """The type that an expression gives with data of these types, or the error of CEL."""
    try:
        return cel.NewEnv(variables={path: _cel_type(kind) for path, kind in types}).compile(expression).return_type()
    except RuntimeError as error:
        return str(error)


def _cel_type(kind: str) -> cel.Type:
    shape = shape_of(kind)
    if shape == "options":
        return cel.Type.List(cel.Type.STRING)
    if shape == "rows":
        return cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN))
    if shape == "parts":
        return cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    return cel.Type(_WRAPPERS.get(shape, "google.protobuf.StringValue"))


@lru_cache(maxsize=256)
def _run_env(steps: tuple[str, ...]) -> cel.Env:
    return cel.NewEnv(variables=dict.fromkeys(steps, cel.Type.Map(cel.Type.STRING, cel.Type.DYN)))


@lru_cache(maxsize=4096)
def _compiled(steps: tuple[str, ...], expression: str) -> cel.Expression:
    return _run_env(steps).compile(expression)


def _compile_problem(error: str, bundle: Bundle) -> Problem:
    undeclared = _UNDECLARED.search(error)
    if undeclared:
        return unknown_field(undeclared.group(1), bundle.types)
    overload = _OVERLOAD.search(error)
    if overload:
        return _overload_problem(*overload.groups())
    place = _PLACE.search(error)
    near = f" cerca del carácter {place.group(1)}" if place else ""
    return Problem("syntax", f"La expresión no se entiende{near}.", "Revise comillas, paréntesis y operadores.")


def _overload_problem(operator: str, types: str) -> Problem:
    words = [_TYPE_WORDS.get(kind.strip(), kind.strip()) for kind in types.strip("()").split(", ")]
    sign = operator.strip("_@").replace("_", " ")
    remedy = "Compare datos del mismo tipo."
    if {"número decimal", "número entero"} <= set(words):
        remedy = "Con un número decimal escriba también el valor con decimales: 100.0."
    return Problem("types_differ", f"'{sign}' no se puede aplicar a {' y '.join(words)}.", remedy)
