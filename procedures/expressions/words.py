"""Conditions in words, for the designer, the official and "¿por qué este camino?".

In Spanish, unless `_` says them otherwise: gettext, where a page in another language is being made.
"""

from collections.abc import Callable, Mapping
from typing import Any

from procedures.expressions.cel import evaluate, paths_in
from procedures.expressions.rows import OPERATOR_WORDS
from procedures.schema import AllOf, AnyOf, Bundle, CelCondition, LookupStep, NoneOf, Row

Say = Callable[[str], str]


def describe(condition: AllOf | AnyOf | NoneOf | CelCondition, bundle: Bundle, _: Say = str) -> str:
    """The condition as a phrase: «Giro» es «Alimentos» y «Superficie» es mayor que 100."""
    if isinstance(condition, CelCondition):
        return _("se cumple la expresión «%(cel)s»") % {"cel": condition.cel}
    return _group(condition, bundle, _)


def explain(condition: AllOf | AnyOf | NoneOf | CelCondition, data: Mapping[str, Any], bundle: Bundle) -> str:
    """Whether the condition holds on `data`, the condition in words, and the answers it looked at, in Spanish.

    Sensitive answers are not shown. Raises RuleError when there is no verdict.
    """
    verdict = "Se cumple" if evaluate(condition, data, bundle) else "No se cumple"
    sentence = f"{verdict}: {describe(condition, bundle)}."
    seen = "; ".join(f"«{label}»: {answer}" for label, answer in values_read(condition, data, bundle))
    return f"{sentence} Respuestas: {seen}." if seen else sentence


def values_read(
    condition: AllOf | AnyOf | NoneOf | CelCondition, data: Mapping[str, Any], bundle: Bundle, _: Say = str
) -> list[tuple[str, str]]:
    """The data that a condition looks at with what each was worth, in words; sensitive ones are not shown."""
    return [(label_of(path, bundle, _), _answer(path, data, bundle, _)) for path in paths_in(condition, bundle)]


def _group(group: AllOf | AnyOf | NoneOf, bundle: Bundle, _: Say) -> str:
    parts = [_row(item, bundle, _) if isinstance(item, Row) else f"({_group(item, bundle, _)})" for item in group.items]
    if isinstance(group, NoneOf):
        return _("no se cumple que %(parts)s") % {"parts": _(" ni que ").join(parts)}
    return (_(" y ") if isinstance(group, AllOf) else _(" o ")).join(parts)


def _row(row: Row, bundle: Bundle, _: Say) -> str:
    words = f"«{label_of(row.field, bundle, _)}» {_(OPERATOR_WORDS[row.op])}"
    if row.value is None:
        return words
    values = row.value if isinstance(row.value, tuple) else (row.value,)
    return f"{words} {', '.join(word_of(row.field, value, bundle, _) for value in values)}"


def label_of(path: str, bundle: Bundle, _: Say = str) -> str:
    """What a datum is called on screen."""
    step_id, _dot, name = path.partition(".")
    step = bundle.steps_by_id.get(step_id)
    if isinstance(step, LookupStep):
        return f"{step.title}: {_('encontrado') if name == 'found' else name}"
    try:
        return bundle.field(path).label
    except KeyError:
        return path


def _answer(path: str, data: Mapping[str, Any], bundle: Bundle, _: Say) -> str:
    if is_sensitive(bundle, path):
        return _("dato reservado")
    step, _dot, name = path.partition(".")
    value = (data.get(step) or {}).get(name)
    if value in (None, "", [], ()):
        return _("sin respuesta")
    if isinstance(value, list | tuple):
        if isinstance(value[0], dict):
            return _("%(n)s filas") % {"n": len(value)}
        return ", ".join(word_of(path, item, bundle, _) for item in value)
    return str(value["name"]) if isinstance(value, dict) else word_of(path, value, bundle, _)


def is_sensitive(bundle: Bundle, path: str) -> bool:
    """Whether the datum at `step.field` is an answer declared sensitive."""
    try:
        return bundle.field(path).sensitive
    except KeyError:
        return False


def word_of(path: str, value: object, bundle: Bundle, _: Say = str) -> str:
    """A value of a datum as people read it."""
    if isinstance(value, bool):
        return _("Sí") if value else _("No")
    if bundle.types.get(path) == "money_clp" and isinstance(value, int):
        return f"${value:,}".replace(",", ".")
    try:
        labels = {option.id: option.label for option in bundle.field(path).options}
    except KeyError:
        labels = {}
    shown = labels.get(str(value), str(value))
    return shown if isinstance(value, int) else f"«{shown}»"
