"""A spreadsheet brought into the questions of a draft: read, compared, approved."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import Person
from designer import operations, tree
from designer.errors import CannotRead, ItemChanged
from designer.merging import COLUMNS, Merged, merged, sheet_rows
from designer.models import ProcedureDraft
from designer.publishing import plain_content
from designer.queries import frozen_ids
from designer.spreadsheet import Row, rows_of
from designer.tree import Data
from procedures.api import Change, changes
from workflows.api import UnreadableSheet, read_sheet, write_csv


class SheetImport:
    """A sheet on its way into a form of a draft. `text` is what the page carried of one that was read before."""

    def __init__(self, draft: ProcedureDraft, form_id: str, file: Any, text: str, *, drops: bool) -> None:
        self.draft, self.form_id, self.drops = draft, form_id, drops
        self.data: bytes = file.read() if file is not None else text.encode()

    @cached_property
    def _read(self) -> list[Row] | str:
        if not self.data.strip():
            return _("Elige la planilla con las preguntas")
        form = tree.get(self.draft.content, ("forms", self.form_id))
        try:
            return rows_of(self.data, frozenset(field["id"] for _at, field in tree.fields_of_form(form)))
        except CannotRead as error:
            return str(error)

    @property
    def rows(self) -> list[Row]:
        """What was read; nothing when the sheet cannot be."""
        return self._read if isinstance(self._read, list) else []

    @property
    def text(self) -> str:
        """The sheet as the page carries it until it is approved."""
        try:
            sheet = read_sheet(self.data)
        except UnreadableSheet:
            return ""
        told = io.StringIO(newline="")
        writer = csv.writer(told, delimiter=";")
        writer.writerow(sheet.headings)
        writer.writerows([row.cells.get(heading, "") for heading in sheet.headings] for row in sheet.rows)
        return told.getvalue()

    @cached_property
    def _merged(self) -> Merged:
        return self._into(self.draft.content)

    def _into(self, content: Data) -> Merged:
        start = f"forms/{self.form_id}/"
        frozen = {name.removeprefix(start) for name in frozen_ids(self.draft) if name.startswith(start)}
        return merged(content, self.form_id, self.rows, frozen=frozen, drops=self.drops)

    @property
    def problems(self) -> list[dict[str, str]]:
        """Why it cannot be brought in."""
        if isinstance(self._read, str):
            return [{"target": "planilla", "text": self._read}]
        of_rows = [_("Fila %(n)s: %(problem)s") % {"n": row.number, "problem": row.problem} for row in self.rows
                   if row.problem]  # fmt: skip
        return [{"target": "planilla", "text": text} for text in of_rows or self._merged.problems]

    @property
    def kept(self) -> list[str]:
        """Questions that the sheet leaves out and stay, because something uses them."""
        return self._merged.kept

    @property
    def changes(self) -> list[Change]:
        """What it would change in the draft."""
        before = dict(plain_content(self.draft))
        return changes(before, {**before, "forms": self._merged.content["forms"]})

    @property
    def fingerprint(self) -> str:
        """Of the questions as they were compared."""
        return tree.fingerprint(tree.find(self.draft.content, ("forms", self.form_id)))

    def apply(self, *, seen: str, by: Person, now: datetime) -> ProcedureDraft:
        """Bring the rows in. Raises ItemChanged when the questions are no longer those compared."""

        def change(content: Data) -> Data:
            if tree.fingerprint(tree.find(content, ("forms", self.form_id))) != seen:
                when = localtime(self.draft.changed_at).strftime("%H:%M")
                raise ItemChanged(self.draft.changed_by.full_name, when)
            return self._into(content).content

        return operations.edit_with(
            draft=self.draft, change=change, address=("forms", self.form_id),
            summary=_("Trajo preguntas de una planilla"), by=by, now=now,
        )  # fmt: skip


def present_sheet(draft: ProcedureDraft, form_id: str) -> bytes:
    """The questions of a form as a CSV, to change there and bring back."""
    return write_csv(COLUMNS, sheet_rows(tree.get(draft.content, ("forms", form_id))))
