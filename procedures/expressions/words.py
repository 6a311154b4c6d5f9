"""Conditions in words, for the designer, the official and "¿por qué este camino?"."""

from collections.abc import Mapping
from typing import Any

from procedures.expressions.cel import evaluate, paths_in
from procedures.expressions.rows import OPERATOR_WORDS
from procedures.schema import AllOf, AnyOf, Bundle, CelCondition, LookupStep, NoneOf, Row


def describe(condition: AllOf | AnyOf | NoneOf | CelCondition, bundle: Bundle) -> str:
    """The condition as a phrase: «Giro» es «Alimentos» y «Superficie» es mayor que 100."""
    if isinstance(condition, CelCondition):
        return f"se cumple la expresión «{condition.cel}»"
    return _group(condition, bundle)


def explain(condition: AllOf | AnyOf | NoneOf | CelCondition, data: Mapping[str, Any], bundle: Bundle) -> str:
    """Whether the condition holds on `data`, the condition in words, and the answers it looked at.

    Sensitive answers are not shown. Raises RuleError when there is no verdict.
    """
    verdict = "Se cumple" if evaluate(condition, data, bundle) else "No se cumple"
    sentence = f"{verdict}: {describe(condition, bundle)}."
    seen = "; ".join(f"«{label}»: {answer}" for label, answer in values_read(condition, data, bundle))
    return f"{sentence} Respuestas: {seen}." if seen else sentence


def values_read(
    condition: AllOf | AnyOf | NoneOf | CelCondition, data: Mapping[str, Any], bundle: Bundle
) -> list[tuple[str, str]]:
    """The data that a condition looks at with what each was worth, in words; sensitive ones are not shown."""
    return [(label_of(path, bundle), _answer(path, data, bundle)) for path in paths_in(condition, bundle)]


def _group(group: AllOf | AnyOf | NoneOf, bundle: Bundle) -> str:
    parts = [_row(item, bundle) if isinstance(item, Row) else f"({_group(item, bundle)})" for item in group.items]
    if isinstance(group, NoneOf):
        return f"no se cumple que {' ni que '.join(parts)}"
    return (" y " if isinstance(group, AllOf) else " o ").join(parts)


def _row(row: Row, bundle: Bundle) -> str:
    words = f"«{label_of(row.field, bundle)}» {OPERATOR_WORDS[row.op]}"
    if row.value is None:
        return words
    values = row.value if isinstance(row.value, tuple) else (row.value,)
    return f"{words} {', '.join(word_of(row.field, value, bundle) for value in values)}"


def label_of(path: str, bundle: Bundle) -> str:
    """What a datum is called on screen."""
    step_id, _, name = path.partition(".")
    step = bundle.steps_by_id.get(step_id)
    if isinstance(step, LookupStep):
        return f"{step.title}: encontrado" if name == "found" else f"{step.title}: {name}"
    try:
        return bundle.field(path).label
    except KeyError:
        return path


def _answer(path: str, data: Mapping[str, Any], bundle: Bundle) -> str:
    if _is_sensitive(path, bundle):
        return "dato reservado"
    step, _, name = path.partition(".")
    value = (data.get(step) or {}).get(name)
    if value in (None, "", [], ()):
        return "sin respuesta"
    if isinstance(value, list | tuple):
        return (
            f"{len(value)} filas"
            if isinstance(value[0], dict)
            else ", ".join(word_of(path, item, bundle) for item in value)
        )
    return str(value["name"]) if isinstance(value, dict) else word_of(path, value, bundle)


def _is_sensitive(path: str, bundle: Bundle) -> bool:
    try:
        return bundle.field(path).sensitive
    except KeyError:
        return False


def word_of(path: str, value: object, bundle: Bundle) -> str:
    """A value of a datum as people read it."""
    if isinstance(value, bool):
        return "Sí" if value else "No"
    if bundle.types.get(path) == "money_clp" and isinstance(value, int):
        return f"${value:,}".replace(",", ".")
    try:
        labels = {option.id: option.label for option in bundle.field(path).options}
    except KeyError:
        labels = {}
    shown = labels.get(str(value), str(value))
    return shown if isinstance(value, int) else f"«{shown}»"
