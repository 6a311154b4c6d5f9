"""The texts of a language in a spreadsheet: out for a translator who has no account here, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from designer.errors import CannotRead
from designer.models import ProcedureDraft
from designer.translating.operations import Typed, seen_of, translate
from designer.translating.queries import texts_in_language
from workflows.api import UnreadableSheet, read_sheet, write_csv

COLUMNS = ("Ruta", "Español", "Traducción")


@dataclass(frozen=True)
class Brought:
    """What came of a sheet."""

    written: int
    unknown: int
    """Rows of texts that the procedure does not have."""
    older: int
    """Rows translated from a Spanish that changed since: they are left out."""

    @property
    def told(self) -> list[str]:
        """The same in words."""
        said = ngettext("Trajiste %(n)s traducción.", "Trajiste %(n)s traducciones.", self.written)
        found = [said % {"n": self.written}]
        if self.older:
            said = ngettext("%(n)s fila no se trajo: su español cambió desde que bajaste la planilla.",
                            "%(n)s filas no se trajeron: su español cambió desde que bajaste la planilla.",
                            self.older)  # fmt: skip
            found.append(said % {"n": self.older})
        if self.unknown:
            said = ngettext("%(n)s fila no se trajo: su ruta no es de este trámite.",
                            "%(n)s filas no se trajeron: su ruta no es de este trámite.", self.unknown)  # fmt: skip
            found.append(said % {"n": self.unknown})
        return found


def written(draft: ProcedureDraft, language: str) -> bytes:
    """Every text with its translation, as a CSV."""
    rows = [[text.path, text.spanish, text.translation] for text in texts_in_language(draft, language)]
    return write_csv(COLUMNS, rows)


def bring(*, draft: ProcedureDraft, language: str, file: Any, by: Person, now: datetime) -> Brought:
    """Take the translations of a sheet; a row without one changes nothing. Raises CannotRead, ItemGone."""
    if file is None:
        raise CannotRead(_("Elige la planilla con las traducciones"))
    try:
        sheet = read_sheet(file.read())
    except UnreadableSheet as error:
        raise CannotRead(str(error)) from error
    if not {COLUMNS[0], COLUMNS[2]} <= set(sheet.headings):
        raise CannotRead(_("La primera fila debe nombrar las columnas: Ruta, Español y Traducción."))
    known = {text.path: text for text in texts_in_language(draft, language)}
    typed, older, unknown = [], 0, 0
    for cells in (row.cells for row in sheet.rows):
        text, said = known.get(cells.get(COLUMNS[0], "")), _unguarded(cells.get(COLUMNS[2], "")).strip()
        if text is None:
            unknown += 1
        elif said and _unguarded(cells.get(COLUMNS[1], text.spanish)).split() != text.spanish.split():
            older += 1
        elif said:
            typed.append(Typed(text.path, said, seen_of(text.translation), is_right=True))
    summary = _("Trajo traducciones en una planilla")
    kept = translate(draft=draft, language=language, typed=typed, by=by, now=now, summary=summary)
    return Brought(len(kept.written), unknown, older)


def _unguarded(cell: str) -> str:
    """The cell without the mark that kept a spreadsheet from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@") else cell
