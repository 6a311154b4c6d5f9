"""A file of fichas, CSV or JSON, as rows of text with their place in the file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from procedures.errors import UnreadableCatalogue

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How «Texto Unicode» of a spreadsheet begins."""
NOTHING = {"", "-", "--", "n/a", "na", "s/i", "null", "none", "not given", "no informado", "no informa"}
NOTHING |= {"sin informacion", "sin información"}
"""What people write in a cell that says nothing."""


@dataclass(frozen=True)
class Row:
    """One row: its line (its place in the list, in JSON) and its texts by heading; empty ones are left out."""

    line: int
    texts: Mapping[str, str] = field(default_factory=dict)
    headings: tuple[str, ...] = field(default=(), compare=False)
    """All that the row could say, also where it says nothing."""


def read_rows(content: bytes) -> list[Row]:
    """The rows of a file; its heading tells which kind it is.

    Raises UnreadableCatalogue.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableCatalogue(f"El archivo pesa más de {MAX_BYTES // 1024 // 1024} MB. Envíalo en partes.")
    if b"\0" in content[:8192] and not content.startswith(_UTF_16):
        raise UnreadableCatalogue(
            "No es un archivo CSV ni JSON. Si es una planilla, guárdala como CSV y envía ese archivo."
        )
    text = _decode(content)
    rows = list(_from_json(text) if text.lstrip()[:1] in ("[", "{") else _from_csv(text))
    if not rows:
        raise UnreadableCatalogue("El archivo no tiene filas. La primera línea son los nombres de las columnas.")
    if len(rows) > MAX_ROWS:
        raise UnreadableCatalogue(f"El archivo tiene más de {MAX_ROWS} filas. Envíalo en partes.")
    return rows


def _decode(content: bytes) -> str:
    """UTF-8, or else what spreadsheets of Windows write."""
    if content.startswith(_UTF_16):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _from_csv(text: str) -> Iterator[Row]:
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="", strict=True)
    try:
        for row in reader:
            texts = {str(name): _text(value) for name, value in row.items()}
            yield Row(reader.line_num, {name: text for name, text in texts.items() if text}, tuple(texts))
    except csv.Error:
        raise UnreadableCatalogue(
            f"La línea {reader.line_num} no se puede leer como CSV: revisa que cada comilla que se abre se cierre."
        ) from None


def _from_json(text: str) -> Iterator[Row]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableCatalogue(f"El JSON tiene un error en la línea {error.lineno}. Corrígelo.") from None
    for place, item in enumerate(_list_in(data), start=1):
        if not isinstance(item, dict):
            raise UnreadableCatalogue(f"El elemento {place} del JSON no es una ficha con sus columnas.")
        texts = {str(name): _text(value) for name, value in item.items()}
        yield Row(place, {name: text for name, text in texts.items() if text}, tuple(texts))


def _list_in(data: Any) -> list[Any]:
    """The list of fichas: the whole file, or the one list that it holds at any depth ({"fichas": {"items": […]}})."""
    if isinstance(data, list):
        return data
    if isinstance(data, dict):
        inner = [value for value in data.values() if isinstance(value, list | dict)]
        if len(inner) == 1:
            return _list_in(inner[0])
    raise UnreadableCatalogue("El JSON debe ser una lista de fichas.")


def _text(value: Any) -> str:
    """One text: lists line by line; nothing for no value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text, value)))
    text = str(value).replace("\x00", "").strip()
    return "" if text.lower() in NOTHING else text
