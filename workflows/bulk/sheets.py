"""Sheets as rows of text: CSV or XLSX, read within limits, and the template to fill in."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from workflows.errors import CommandRefused

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 1_000
MAX_COLUMNS = 100
MAX_CELL = 5_000
MAX_UNPACKED = 60 * 1024 * 1024
"""What an XLSX, which is a ZIP, may unpack to."""
MAX_PARTS = 200
_MAX_RATIO = 200
_ZIP = b"PK\x03\x04"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class UnreadableSheet(CommandRefused):
    """The file is no sheet, or is larger than what is taken at once."""


@dataclass(frozen=True)
class SheetRow:
    """One row: its line in the sheet and its texts by heading; empty cells are left out."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """Headings, in order, and the rows that have something in them."""

    headings: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(content: bytes, *, most_rows: int = MAX_ROWS, most_letters: int = MAX_CELL) -> Sheet:
    """The first sheet of an XLSX, or a CSV; what it starts with tells which. Raises UnreadableSheet.

    `most_rows`: how many below the headings; `most_letters`: how many in a cell.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableSheet(_("El archivo pesa más de 5 MB. Envíalo en partes."))
    lines = _numbered(_from_xlsx(content) if content.startswith(_ZIP) else _from_csv(content), most_rows)
    first = next(lines, None)
    if first is None:
        raise UnreadableSheet(_("La planilla está vacía. La primera fila son los nombres de las columnas."))
    headings = _headings(first[1])
    rows = [SheetRow(line, _cells(headings, cells, line, most_letters)) for line, cells in lines]
    if not rows:
        raise UnreadableSheet(_("La planilla no tiene filas debajo de los nombres de las columnas."))
    return Sheet(tuple(heading for heading in headings if heading), tuple(rows))


def _numbered(rows: Iterator[Sequence[str]], most: int) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows that have something, with their line; refuses more than are taken at once."""
    taken = 0
    for line, cells in enumerate(rows, 1):
        if line > most * 20:
            break
        if any(cells):
            taken += 1
            if taken > most + 1:
                said = _("La planilla tiene más de %(most)s filas. Envíala en partes.")
                raise UnreadableSheet(said % {"most": _grouped(most)})
            yield line, cells


def _headings(cells: Sequence[str]) -> list[str]:
    named = [cell for cell in cells if cell]
    if len(named) > MAX_COLUMNS:
        raise UnreadableSheet(_("La planilla tiene demasiadas columnas. Usa la plantilla."))
    folded = [cell.casefold() for cell in named]
    twice = next((cell for cell in named if folded.count(cell.casefold()) > 1), None)
    if twice is not None:
        raise UnreadableSheet(_("La columna «%(name)s» está dos veces. Deja una.") % {"name": twice})
    return list(cells)


def _cells(headings: Sequence[str], cells: Sequence[str], line: int, most: int) -> dict[str, str]:
    found = {heading: cell for heading, cell in zip(headings, cells, strict=False) if heading and cell}
    if any(len(cell) > most for cell in found.values()):
        said = _("La fila %(line)s tiene una celda de más de %(most)s letras. Acórtala.")
        raise UnreadableSheet(said % {"line": line, "most": _grouped(most)})
    return found


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _from_csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    heading = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=heading.count), strict=True)
    try:
        for row in reader:
            yield [cell.strip() for cell in row]
    except csv.Error:
        text = _("La línea %(line)s no se puede leer como CSV. Revisa sus comillas.")
        raise UnreadableSheet(text % {"line": reader.line_num}) from None


def _decoded(content: bytes) -> str:
    """The text of a CSV: UTF-8, what spreadsheets call "Texto Unicode" (UTF-16), or that of an older Windows."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\x00" in content and not is_wide:
        raise UnreadableSheet(_("Ese archivo no es una planilla. Envía CSV o XLSX."))
    try:
        return content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        if is_wide:
            raise UnreadableSheet(_("Ese archivo no es una planilla. Envía CSV o XLSX.")) from None
        return content.decode("cp1252", errors="replace")


def _from_xlsx(content: bytes) -> Iterator[list[str]]:
    unreadable = UnreadableSheet(_("Ese archivo no se puede leer como XLSX. Guárdalo de nuevo desde tu planilla."))
    try:
        _refuse_bomb(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        for row in sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True):
            yield [_text(cell) for cell in row]
    except UnreadableSheet:
        raise
    except (BadZipFile, KeyError, IndexError, ValueError, TypeError, AttributeError, SyntaxError, EOFError) as error:
        raise unreadable from error


def _refuse_bomb(content: bytes) -> None:
    """Refuse a ZIP that unpacks to much more than a sheet of that size would."""
    with ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > _MAX_RATIO * max(len(content), 1):
        raise UnreadableSheet(
            _("El archivo se descomprime en demasiados datos. Guárdalo de nuevo solo con la planilla.")
        )


def _text(cell: Any) -> str:
    """A cell as people would write it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("sí") if cell else _("no")
    if isinstance(cell, datetime):
        cell = cell.date() if cell.time() == time() else cell
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y %H:%M")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    if isinstance(cell, float):
        return format(Decimal(repr(cell)).normalize(), "f").replace(".", ",")
    return str(cell).replace("\x00", "").strip()


def write_csv(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A CSV that spreadsheets in Spanish open with its columns apart."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerows([harmless(cell) for cell in row] for row in (headings, *rows))
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """An XLSX with its headings in bold and its columns wide enough to read."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("Solicitudes")
    for row in (headings, *rows):
        sheet.append([harmless(cell) for cell in row])
    for place, heading in enumerate(headings, 1):
        sheet.cell(1, place).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = min(60, max(14, len(heading) + 2))
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def harmless(cell: str) -> str:
    """The same text, never taken for a formula when the sheet is opened."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
