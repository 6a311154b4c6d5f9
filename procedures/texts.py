"""Texts of staff: plain words with `{dato}` placeholders. No template language, so nothing to escape or to run."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

CASE_DATA = {
    "case.number": "número de la solicitud",
    "case.filed_on": "fecha en que se presentó",
    "case.title": "nombre del trámite",
    "agency.name": "nombre de la institución",
    "applicant.name": "nombre de quien solicita",
    "applicant.run": "RUN de quien solicita",
    "act.number": "número del acto",
    "act.date": "fecha del acto",
}
"""Data of the case that any text may use, and what they are."""
APPEAL_DATA = {
    "law.appeal_term": "plazo para recurrir contra el acto, el que rige en el caso",
    "law.appeal_source": "norma de ese plazo",
}
"""Data that a text may use where the procedure has appeals."""
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_INSIDE = re.compile(r"^\s*([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)\s*(?:\|\s*([a-z_]+)\s*)?$")
_MONTHS = {
    "es": "enero,febrero,marzo,abril,mayo,junio,julio,agosto,septiembre,octubre,noviembre,diciembre",
    "en": "January,February,March,April,May,June,July,August,September,October,November,December",
}
_DAY = {"es": "{day} de {month} de {year}", "en": "{day} {month} {year}"}


class TextError(Exception):
    """A text that cannot be filled in."""


class UnknownDatum(TextError):
    """The text names a datum that has no value here."""


class BadPlaceholder(TextError):
    """Braces that do not hold a datum, or a format that does not exist or does not fit."""


@dataclass(frozen=True)
class Placeholder:
    """A datum that a text asks for, and how it is to be written ("" for as it is)."""

    path: str
    format: str = ""


def placeholders(text: str) -> list[Placeholder]:
    """The data that a text asks for, in order. Raises BadPlaceholder."""
    return [_parse(found) for found in _TOKEN.finditer(text) if found.group() not in ("{{", "}}")]


def strange_datum(text: str, original: str) -> str:
    """The first datum that a translation asks for and its original does not, in braces; "" when there is none.

    Raises BadPlaceholder when braces of the translation hold no datum.
    """
    try:
        known = {one.path for one in placeholders(original)}
    except BadPlaceholder:
        known = set()
    return next((f"{{{one.path}}}" for one in placeholders(text) if one.path not in known), "")


def fill(text: str, values: Mapping[str, str], language: str = "es") -> str:
    """The text with its data written in; `{{` and `}}` give braces. Bold and italic marks stay as they are.

    `language`: that of the text, for the names of months. Raises UnknownDatum for a datum without a value,
    BadPlaceholder for braces that hold none.
    """

    def write(found: re.Match[str]) -> str:
        if found.group() in ("{{", "}}"):
            return found.group()[0]
        wanted = _parse(found)
        if wanted.path not in values:
            raise UnknownDatum(f"El dato '{wanted.path}' no tiene valor en este caso.")
        value = values[wanted.path]
        return FORMATS[wanted.format](value, language) if wanted.format else value

    return _TOKEN.sub(write, text)


def worded(text: str, words: Callable[[str], str]) -> str:
    """The text with each datum called as people call it: `{case.number}` is {número de la solicitud}.

    `words` gives those of a path, or "" for a datum that nobody knows, which stays as it is written.
    """

    def write(found: re.Match[str]) -> str:
        inside = _INSIDE.match(found.group(1) or "")
        known = words(inside.group(1)) if inside else ""
        return f"{{{known}}}" if known else found.group()

    return _TOKEN.sub(write, text)


def _parse(found: re.Match[str]) -> Placeholder:
    inside = _INSIDE.match(found.group(1) or "")
    if not inside:
        raise BadPlaceholder(f"«{found.group()}» no es un dato: se escribe {{paso.campo}}.")
    path, name = inside.group(1), inside.group(2) or ""
    if name and name not in FORMATS:
        raise BadPlaceholder(f"El formato «{name}» no existe. Formatos: {', '.join(FORMATS)}.")
    return Placeholder(path, name)


def _money(value: str, _language: str) -> str:
    digits = value.replace("$", "").replace(".", "").strip()
    if not re.fullmatch(r"-?\d+", digits):
        raise BadPlaceholder("El formato «money» necesita un monto en pesos.")
    return f"${int(digits):,}".replace(",", ".")


def _long_date(value: str, language: str) -> str:
    day = value.strip()
    if re.fullmatch(r"\d\d/\d\d/\d{4}", day):
        day = "-".join(reversed(day.split("/")))
    try:
        parsed = date.fromisoformat(day[:10])
    except ValueError:
        raise BadPlaceholder("El formato «long_date» necesita una fecha.") from None
    if language not in _MONTHS:
        return f"{parsed:%d/%m/%Y}"
    return _DAY[language].format(day=parsed.day, month=_MONTHS[language].split(",")[parsed.month - 1], year=parsed.year)


def _upper(value: str, _language: str) -> str:
    return value.upper()


FORMATS: dict[str, Callable[[str, str], str]] = {"money": _money, "long_date": _long_date, "upper": _upper}
"""Ways to write a datum: `{inicio.capital|money}`, `{act.date|long_date}`, `{applicant.name|upper}`."""
