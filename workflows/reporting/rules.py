"""The JSON in which a system reports an event. Pure: no Django. Its words are Spanish, as the whole answer is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_BYTES = 64 * 1024
"""Of the body of one report."""
MOST_ANSWERS = 100
IDEMPOTENCY_KEY = re.compile(r'"?([A-Za-z0-9._:-]{8,64})"?')
"""As in draft-ietf-httpapi-idempotency-key-header, with or without the quotes of a structured field."""

_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Answer = bool | int | float | str | list[str]


class Reported(BaseModel):
    """An event of one case."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    event: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,80}\.[a-z0-9_-]{1,60}$")]
    """"procedure.step": what happened, as the agency names it."""
    case: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z .-]{0,39}$")]
    """N° de solicitud, or the code of the case."""
    on: date
    """The day on which it happened, at the agency's seat."""
    row: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Which row of a block that repeats, counted from 1."""
    evidence: Annotated[str, Field(max_length=500, pattern=_TEXT)] = ""
    """What shows it: a number, a certificate, an address."""
    answers: Annotated[dict[str, Answer], Field(max_length=MOST_ANSWERS)] = {}
    """{question of the step's form: answer, as a person would write it}."""

    def canonical(self) -> str:
        """The same text for the same event, however its JSON was written."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Malformed(ValueError):
    """The body is no event. `problems` says where and why: (JSON pointer, sentence)."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        super().__init__("El cuerpo no es un hecho como lo describe la guía.")
        self.problems = list(problems)


class NotJson(ValueError):
    """The body is no JSON."""


def read(body: bytes) -> Reported:
    """The event in a body. Raises NotJson or Malformed."""
    try:
        return Reported.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
    if any(one["type"] == "json_invalid" for one in found):
        raise NotJson("El cuerpo no es JSON válido en UTF-8.")
    raise Malformed(dict.fromkeys((_pointer(one["loc"]), _sentence(one)) for one in found))


def _pointer(place: tuple[int | str, ...]) -> str:
    """RFC 6901. Of an answer only its question: which of several shapes it failed is nobody's business."""
    parts = place[:2] if place[:1] == ("answers",) else place[:1]
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


WORDS = {
    "missing": "Falta.",
    "extra_forbidden": "No se conoce este dato.",
    "string_type": "Debe ser un texto.",
    "string_too_long": "Tiene más de {max_length} caracteres.",
    "int_type": "Debe ser un número entero.",
    "greater_than_equal": "Debe ser al menos {ge}.",
    "less_than_equal": "Debe ser como máximo {le}.",
    "dict_type": "Debe ser un objeto.",
    "too_long": "Tiene más de {max_length} elementos.",
    "model_type": "El cuerpo debe ser un objeto.",
}
BY_PLACE = {
    "event": "Escribe el trámite y el paso, como «registro_local.inscripcion».",
    "case": "Escribe el N° de solicitud o el código de la solicitud.",
    "on": "Escribe la fecha como 2026-11-25.",
    "evidence": "No puede llevar caracteres de control.",
    "answers": "Cada respuesta es un texto, un número, un sí o no, o una lista de textos.",
}


def _sentence(error: Mapping[str, Any]) -> str:
    place = str(next(iter(error["loc"]), ""))
    words = WORDS.get(error["type"])
    if words is None or (place == "answers" and len(error["loc"]) > 1):
        return BY_PLACE.get(place, "No es válido.")
    return words.format(**error.get("ctx", {}))
