"""The texts of a language in a spreadsheet: out for a translator who has no account here, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from designer.errors import CannotRead
from designer.models import ProcedureDraft
from designer.operations import lock_draft
from designer.translating.operations import MOST_LETTERS, Typed, seen_of, translate
from designer.translating.queries import texts_in_language
from designer.translating.rules import spanish_of
from workflows.api import UnreadableSheet, read_sheet, write_csv

COLUMNS = ("Ruta", "Español", "Traducción")
MOST_ROWS = 10_000
"""A procedure of 500 questions has some 3,000 texts."""


@dataclass(frozen=True)
class Brought:
    """What came of a sheet."""

    written: int
    unknown: int
    """Rows of texts that the procedure does not have."""
    older: int
    """Rows translated from a Spanish that changed since: they are left out."""
    changed: int
    """Rows of texts that were translated otherwise while the sheet came in: that translation stays."""
    strange: int
    """Rows that name data that their Spanish lacks."""

    @property
    def told(self) -> list[str]:
        """The same in words."""
        counted = [
            (self.written, ngettext("Trajiste %(n)s traducción.", "Trajiste %(n)s traducciones.", self.written)),
            (self.older, ngettext("%(n)s fila no se trajo: su español cambió desde que bajaste la planilla.",
                                  "%(n)s filas no se trajeron: su español cambió desde que bajaste la planilla.",
                                  self.older)),
            (self.changed, ngettext("%(n)s fila no se trajo: su texto recibió otra traducción mientras la traías.",
                                    "%(n)s filas no se trajeron: sus textos recibieron otra traducción mientras las "
                                    "traías.", self.changed)),
            (self.strange, ngettext("%(n)s fila no se trajo: entre llaves lleva algo que su español no tiene.",
                                    "%(n)s filas no se trajeron: entre llaves llevan algo que su español no tiene.",
                                    self.strange)),
            (self.unknown, ngettext("%(n)s fila no se trajo: su ruta no es de este trámite.",
                                    "%(n)s filas no se trajeron: su ruta no es de este trámite.", self.unknown)),
        ]  # fmt: skip
        return [text % {"n": number} for place, (number, text) in enumerate(counted) if number or not place]


def written(draft: ProcedureDraft, language: str) -> bytes:
    """Every text with its translation, as a CSV."""
    rows = [[text.path, text.spanish, text.translation] for text in texts_in_language(draft, language)]
    return write_csv(COLUMNS, rows)


@transaction.atomic
def bring(*, draft: ProcedureDraft, language: str, file: Any, by: Person, now: datetime) -> Brought:
    """Take the translations of a sheet; a row without one changes nothing. Raises CannotRead, ItemGone.

    A row that would overwrite what somebody else wrote since `draft` was read is left out and counted.
    """
    rows = _rows(file)
    shown = {text.path: seen_of(text.translation) for text in texts_in_language(draft, language)}
    spanish = spanish_of(lock_draft(draft=draft, by=by, now=now).content)
    typed, older, unknown = [], 0, 0
    for path, was, said in rows:
        if path not in shown or path not in spanish:
            unknown += 1
        elif said and (was or spanish[path]).split() != spanish[path].split():
            older += 1
        elif said:
            typed.append(Typed(path, said, shown[path], is_right=True))
    summary = _("Trajo traducciones en una planilla")
    kept = translate(draft=draft, language=language, typed=typed, by=by, now=now, summary=summary)
    return Brought(len(kept.written), unknown + len(kept.gone), older, len(kept.changed), len(kept.strange))


def _rows(file: Any) -> list[tuple[str, str, str]]:
    """Of each row its path, its Spanish and its translation."""
    if file is None:
        raise CannotRead(_("Elige la planilla con las traducciones"))
    try:
        sheet = read_sheet(file.read(), most_rows=MOST_ROWS, most_letters=MOST_LETTERS)
    except UnreadableSheet as error:
        raise CannotRead(str(error)) from error
    if not {COLUMNS[0], COLUMNS[2]} <= set(sheet.headings):
        raise CannotRead(_("La primera fila debe nombrar las columnas: Ruta, Español y Traducción."))
    found = [[_unguarded(row.cells.get(column, "")).strip() for column in COLUMNS] for row in sheet.rows]
    return [(path, was, said.replace("\r\n", "\n")) for path, was, said in found]


def _unguarded(cell: str) -> str:
    """The cell without the mark that kept a spreadsheet from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@") else cell
