"""A file of a list, CSV or JSON, as its entries, and what is wrong with its rows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.text import slugify
from django.utils.translation import gettext as _

from procedures.catalogue.reading import Row, read_rows
from procedures.errors import UnreadableCatalogue

_CODE = ("codigo", "code", "id", "rbd", "clave")
_LABEL = ("nombre", "name", "etiqueta", "label", "glosa", "descripcion")
_PARENT = ("padre", "parent", "depende_de", "depende de", "bajo", "grupo")
LONGEST_CODE, LONGEST_LABEL = 60, 300


@dataclass(frozen=True)
class Entry:
    """A row of a list: what is stored, what is read, and the entry of the list above to which it belongs."""

    code: str
    label: str
    parent: str = ""


@dataclass
class Reading:
    """The entries of a file in their order, and what is wrong, in words with the line."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def searchable(text: str) -> str:
    """Lower case without accents, single spaces: "Ñuñoa" is found by "nunoa"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in letters if not unicodedata.combining(char)).split())


def read_list(content: bytes) -> Reading:
    """The entries of a file. Raises UnreadableCatalogue when it is no table, or has no column of names."""
    rows = read_rows(content)
    headings = {searchable(name): name for row in rows[:1] for name in row.texts}
    label = _column(headings, _LABEL) or (next(iter(headings.values())) if len(headings) == 1 else None)
    if label is None:
        raise UnreadableCatalogue(
            _("Falta la columna «nombre», con lo que lee la persona. Agrégala y envíalo otra vez.")
        )
    code, parent = _column(headings, _CODE), _column(headings, _PARENT)
    reading, seen = Reading(), set[str]()
    for row in rows:
        _read(row, {"code": code or "", "label": label, "parent": parent or ""}, reading, seen)
    return reading


def _column(headings: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((headings[name] for name in names if name in headings), None)


def _read(row: Row, columns: Mapping[str, str], reading: Reading, seen: set[str]) -> None:
    label = " ".join(row.texts.get(columns["label"], "").split())
    code = row.texts.get(columns["code"], "") if columns["code"] else slugify(label)
    if not label or not code:
        reading.problems.append(_("Línea %(line)s: falta el nombre o el código.") % {"line": row.line})
    elif len(code) > LONGEST_CODE or len(label) > LONGEST_LABEL:
        reading.problems.append(_("Línea %(line)s: el nombre o el código es demasiado largo.") % {"line": row.line})
    elif code in seen:
        reading.problems.append(
            _("Línea %(line)s: el código «%(code)s» está repetido.") % {"line": row.line, "code": code}
        )
    else:
        seen.add(code)
        reading.entries.append(Entry(code, label, row.texts.get(columns["parent"], "")[:LONGEST_CODE]))
