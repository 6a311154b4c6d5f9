"""Which column of a file says what, and how its text becomes a value. Two traditions of headings, and our own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from procedures.catalogue.rules import plain
from procedures.models import LifeEvent, Online

HEADINGS: dict[str, str] = {
    "institution": "agency|institucion|servicio|organismo|organo|nombre organo|nombre del organo|nombre institucion",
    "institution_code": "codigo institucion|codigo servicio|codigo organo|agency code",
    "code": "code|codigo|codigo ficha|id ficha|id",
    "cpat_code": "codigo cpat|codigo pa|codigo procedimiento|cpat",
    "name": "name|nombre|titulo|tramite|nombre tramite|nombre del tramite|nombre procedimiento|"
    "nombre del procedimiento|nombre del procedimiento administrativo",
    "summary": "description|descripcion|resumen|objetivo|descripcion del tramite",
    "life_event": "hecho de vida|evento de vida|life event|tema|temas|etapa de vida",
    "kind": "object class|clase|tipo|tipo de tramite|objeto",
    "audience": "audience|beneficiarios|a quien esta dirigido|dirigido a|publico objetivo|usuarios",
    "requirements": "requirements or form fields|requisitos|documentos requeridos|doc requeridos|que necesito",
    "steps": "steps|pasos|etapas|como se hace",
    "cost": "cost|costo|valor|arancel|costo del tramite",
    "response": "decision deadline|plazo|plazo de respuesta|tiempo de respuesta|plazo legal",
    "place": "region or comuna|region|comuna|cobertura|territorio",
    "channels": "channels|canales|canal|canales de atencion|donde se hace|guia oficina",
    "legal_basis": "legal basis|marco legal|marco normativo|base legal|normativa",
    "level": "digital level|nivel|nivel de digitalizacion|nivel digital",
    "yearly_volume": "volume|volumen|volumen anual|transacciones anuales|cantidad anual",
    "online": "online|en linea|digital|se puede hacer en linea",
    "external_url": "url|enlace|guia online url|url tramite|sitio",
    "keywords": "keywords|palabras clave|etiquetas|tags",
    "source": "source|fuente",
}
"""{what it says: headings that people give it}, without accents, capitals or signs."""
_BY_HEADING = {heading: name for name, headings in HEADINGS.items() for heading in headings.split("|")}
LENGTHS = {"cpat_code": 40, "name": 200, "summary": 500, "kind": 80, "cost": 300, "response": 300, "place": 200}
LENGTHS |= {"channels": 300, "source": 300}
_SEPARATORS = re.compile(r"\s*(?:\n|;|\||->|→)\s*")
_VOLUME = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d+")
_LEVEL = re.compile(r"(?:nivel )?([0-5])\b")
_ANSWERS = {"yes": Online.ELSEWHERE, "si": Online.ELSEWHERE, "true": Online.ELSEWHERE, "no": Online.PAPER}
_ANSWERS |= {"false": Online.PAPER, "partly": Online.PARTLY, "parcial": Online.PARTLY, "en parte": Online.PARTLY}
_ANSWERS |= {"parcialmente": Online.PARTLY}


class NotRead(Exception):
    """A text without a value of its kind; the text says what was expected."""


def name_of(heading: str) -> str:
    """What a heading says; "" when nobody here knows it."""
    return _BY_HEADING.get(" ".join(re.findall(r"[a-z0-9]+", plain(heading))), "")


def values_of(texts: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of a row by what they say, and why each other text could not be read whole."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, text in texts.items():
        try:
            value, problem = _READERS.get(name, _as_text(name))(text)
        except NotRead as error:
            problems[name] = str(error)
        else:
            values[name] = value
            if problem:
                problems[name] = problem
    return values, problems


Reader = Callable[[str], tuple[Any, str]]


def _as_text(name: str) -> Reader:
    """A text as it is, cut where the ficha has no room for more."""

    def read(text: str) -> tuple[str, str]:
        longest = LENGTHS.get(name, 10_000)
        return text[:longest], "" if len(text) <= longest else f"es muy largo: la ficha guarda {longest} letras"

    return read


def _lines(text: str) -> tuple[list[str], str]:
    return [line for line in _SEPARATORS.split(text) if line], ""


def _words(text: str) -> tuple[list[str], str]:
    return [word for word in re.split(r"\s*[,;|\n]\s*", text) if word], ""


def _volume(text: str) -> tuple[int, str]:
    found = _VOLUME.search(text)
    if not found:
        raise NotRead("se esperaba una cantidad al año, como 1.200")
    amount = int(re.sub(r"[.,]", "", found.group()))
    if amount > 2_000_000_000:
        raise NotRead("la cantidad es demasiado grande")
    return amount, "" if found.group() == text else f"de ese texto se tomó solo la cantidad {amount}"


def _level(text: str) -> tuple[int, str]:
    found = _LEVEL.match(plain(text))
    if not found:
        raise NotRead("se esperaba un nivel de 0 a 5")
    whole = found.group() == plain(text)
    return int(found.group(1)), "" if whole else f"de ese texto se tomó solo el nivel {found.group(1)}"


def _online(text: str) -> tuple[str, str]:
    said = plain(text)
    for answer, value in _ANSWERS.items():
        if re.match(rf"{answer}\b", said):
            return value.value, "" if said == answer else f"de ese texto se tomó solo «{answer}»"
    raise NotRead("se esperaba sí, no o en parte")


def _address(text: str) -> tuple[str, str]:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(text) > 500:
        raise NotRead("se esperaba una dirección que empiece con https://")
    return text, ""


def _life_event(text: str) -> tuple[str, str]:
    said = plain(text)
    for event in LifeEvent:
        if said in (event.value, plain(str(event.label))):
            return event.value, ""
    raise NotRead("se esperaba uno de los hechos de vida del catálogo")


_READERS: dict[str, Reader] = {
    "requirements": _lines,
    "steps": _lines,
    "keywords": _words,
    "yearly_volume": _volume,
    "level": _level,
    "online": _online,
    "external_url": _address,
    "life_event": _life_event,
}
