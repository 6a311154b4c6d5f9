"""The errors of pydantic in Spanish, each with its place, its line and what to do."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import groupby
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from procedures.expressions.problems import nearest
from procedures.findings import Finding, Place, make_finding
from procedures.schema import ID_PATTERN, STEP_KINDS, Bundle, Part

_TYPE_WORDS = {
    "string_type": ("un texto", "Escríbalo entre comillas."),
    "int_type": ("un número entero", "Escríbalo sin comillas, puntos ni decimales."),
    "bool_type": ("true o false", "Escriba true (sí) o false (no)."),
    "bool_parsing": ("true o false", "Escriba true (sí) o false (no)."),
    "tuple_type": ("una lista", "Escriba una línea con guion por cada elemento."),
    "dict_type": ("claves con valor", "Escriba «clave: valor»."),
    "model_type": ("claves con valor", "Escriba «clave: valor»."),
    "model_attributes_type": ("claves con valor", "Escriba «clave: valor»."),
}
_IN_QUOTES = re.compile(r"'([^']*)'")


def schema_findings(error: ValidationError, data: Any, lines: Mapping[Place, int]) -> list[Finding]:
    """One finding for each place that pydantic refused, in order of appearance."""
    placed = [(_place(detail, data), detail) for detail in error.errors(include_url=False)]
    placed = [(place, detail) for place, detail in placed if not _is_echo(place, detail, placed)]
    findings = []
    for (place, _), group in groupby(placed, key=lambda pair: (pair[0], _missing_key(pair[1]))):
        details = [detail for _, detail in group]
        message, remedy = _several() if len(details) > 1 else _words(details[0])
        findings.append(make_finding(lines, place, details[0]["type"], message, remedy))
    return findings


def _place(detail: ErrorDetails, data: Any) -> Place:
    """The place in the data: pydantic's, without the names of union members it goes through."""
    place: Place = ()
    for part in detail["loc"]:
        is_key = isinstance(data, dict) and part in data
        if is_key or (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            data = data[part]
            place = (*place, part)
    return place


def _missing_key(detail: ErrorDetails) -> str:
    """The key that is missing, as each is a fault of its own; a union's errors about one value are one fault."""
    return str(detail["loc"][-1]) if detail["type"] == "missing" else ""


def _is_echo(place: Place, detail: ErrorDetails, placed: list[tuple[Place, ErrorDetails]]) -> bool:
    """Whether a list is called too short only because pydantic left out its faulty elements."""
    return detail["type"] == "too_short" and any(
        other[: len(place)] == place and len(other) > len(place) for other, _ in placed
    )


def _several() -> tuple[str, str]:
    return "El valor no es de un tipo que se admita aquí.", "Vea la página de referencia del esquema."


def _words(detail: ErrorDetails) -> tuple[str, str]:
    kind = detail["type"]
    if kind in _TYPE_WORDS:
        wanted, remedy = _TYPE_WORDS[kind]
        return f"Se espera {wanted}.", remedy
    if kind in _WRITERS:
        return _WRITERS[kind](detail)
    return detail["msg"], "Vea la página de referencia del esquema."


def _missing(detail: ErrorDetails) -> tuple[str, str]:
    key = detail["loc"][-1]
    return f"Falta «{key}».", f"Agregue «{key}: …»."


def _extra(detail: ErrorDetails) -> tuple[str, str]:
    key = str(detail["loc"][-1])
    if key in _all_keys():
        return f"La clave «{key}» no va en esta parte.", "Quítela, o vea en la página de referencia qué claves admite."
    near = nearest(key, _all_keys())
    question = f"; ¿quiso decir «{near}»?" if near else "."
    return f"La clave «{key}» no existe aquí{question}", f"Escriba «{near}»." if near else "Quítela."


def _literal(detail: ErrorDetails) -> tuple[str, str]:
    options = _IN_QUOTES.findall(detail["ctx"]["expected"]) or [detail["ctx"]["expected"]]
    return _not_one_of(str(detail["input"]), options)


def _unknown_kind(detail: ErrorDetails) -> tuple[str, str]:
    return _not_one_of(str(detail["ctx"]["tag"]), list(STEP_KINDS))


def _not_one_of(value: str, options: list[str]) -> tuple[str, str]:
    near = nearest(value, options)
    question = f"; ¿quiso decir «{near}»?" if near else "."
    return f"«{value}» no es un valor admitido{question}", f"Valores: {', '.join(options)}."


def _pattern(detail: ErrorDetails) -> tuple[str, str]:
    if detail["ctx"]["pattern"] == ID_PATTERN:
        return (
            f"«{detail['input']}» no sirve como id.",
            "Use minúsculas sin tilde, cifras y «_», comenzando con una letra.",
        )
    return f"«{detail['input']}» no tiene la forma que se espera.", "Vea la página de referencia del esquema."


def _limit(words: str, remedy: str) -> Callable[[ErrorDetails], tuple[str, str]]:
    def write(detail: ErrorDetails) -> tuple[str, str]:
        limits = {name: value for name, value in detail["ctx"].items() if isinstance(value, int | str)}
        return words.format(**limits), remedy

    return write


@cache
def _all_keys() -> frozenset[str]:
    """Every key that some part of the schema admits."""
    keys: set[str] = set()
    pending: list[type[BaseModel]] = [Part]
    while pending:
        part = pending.pop()
        keys.update(part.model_fields)
        pending.extend(part.__subclasses__())
    return frozenset(keys | set(Bundle.model_fields))


_WRITERS: dict[str, Callable[[ErrorDetails], tuple[str, str]]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "literal_error": _literal,
    "union_tag_invalid": _unknown_kind,
    "union_tag_not_found": lambda detail: ("Falta «kind»: qué clase de paso es.", f"Valores: {', '.join(STEP_KINDS)}."),
    "string_pattern_mismatch": _pattern,
    "string_too_short": _limit("El texto no puede quedar vacío.", "Escríbalo."),
    "string_too_long": _limit("El texto pasa de {max_length} caracteres.", "Acórtelo."),
    "too_short": _limit("La lista necesita al menos {min_length}.", "Agregue lo que falta."),
    "too_long": _limit("La lista admite a lo más {max_length}.", "Quite los que sobran."),
    "greater_than_equal": _limit("El número debe ser {ge} o mayor.", "Corrija el número."),
    "less_than_equal": _limit("El número debe ser {le} o menor.", "Corrija el número."),
    "id_shape": lambda detail: (detail["msg"], "Elija otro id."),
    "id_reserved": lambda detail: (detail["msg"], "Elija otro id."),
    "key_missing": lambda detail: (detail["msg"], "Agregue la clave."),
    "key_of_other_type": lambda detail: (detail["msg"], "Quite la clave o cambie el tipo."),
    "group_in_group": lambda detail: (
        detail["msg"],
        "Un grupo no admite grupos dentro: haga dos grupos seguidos, o un archivo con el detalle.",
    ),
    "one_source": lambda detail: (detail["msg"], "Deje una de las dos."),
    "row_too_rich": lambda detail: (detail["msg"], "Saque esa pregunta de la fila."),
    "sum_in_row": lambda detail: (
        detail["msg"],
        "Escriba la fórmula con `grupo.campo`; la suma de las filas va fuera del grupo, o en «totals».",
    ),
    "sensitive_in_row": lambda detail: (
        detail["msg"],
        "Ponga «sensitive: true» en el grupo entero, con su «personal», y quítelo de la pregunta.",
    ),
    "condition_shape": lambda detail: (
        detail["msg"],
        "Ejemplo: when: {all: [{field: paso.campo, op: eq, value: si}]}.",
    ),
    "way_shape": lambda detail: (detail["msg"], "Ejemplo: [{when: …, goto: paso}, {otherwise: paso}]."),
}
