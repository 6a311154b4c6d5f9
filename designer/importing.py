"""A YAML or BPMN file brought into a draft: what cannot be read, what it would change, and the change."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Person
from designer import operations, tree
from designer.bpmn import BpmnError, Read, read_bpmn
from designer.errors import CannotRead, ItemChanged
from designer.models import ProcedureDraft
from designer.publishing import plain_content
from procedures.api import Change, CheckResult, changes, check

MOST_BYTES = 1_000_000


def read_upload(file: Any) -> str:
    """The text of a file that was sent. Raises CannotRead."""
    if file is None:
        raise CannotRead(_("Elige un archivo YAML"))
    if file.size > MOST_BYTES:
        raise CannotRead(_("El archivo es demasiado grande. Un trámite cabe en un megabyte."))
    try:
        return str(file.read().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise CannotRead(_("El archivo no está guardado como texto UTF-8. Guárdalo así y elígelo otra vez.")) from error


class Import:
    """A file on its way into a draft."""

    def __init__(self, draft: ProcedureDraft, file: Any, text: str) -> None:
        self.draft = draft
        self.unread = ""
        self.text = self._decoded(file) if file is not None else text

    def _decoded(self, file: Any) -> str:
        try:
            return read_upload(file)
        except CannotRead as error:
            self.unread = str(error)
            return ""

    @cached_property
    def result(self) -> CheckResult:
        """What the gate says of the text."""
        return check(self.text)

    @cached_property
    def _drawn(self) -> Read | BpmnError | None:
        """What a BPMN file says, or why it cannot be read; None for any other file."""
        if not self.text.lstrip("\ufeff \r\n\t").startswith("<"):
            return None
        try:
            return read_bpmn(self.text.encode(), self.draft.content)
        except BpmnError as error:
            return error

    @property
    def unread_parts(self) -> list[str]:
        """What of a BPMN file this engine does not say, and stays out."""
        return self._drawn.unread if isinstance(self._drawn, Read) else []

    @property
    def problems(self) -> list[dict[str, str]]:
        """Why it cannot be brought in: only what keeps it from being read; what is missing can be mended here."""
        if self.unread:
            return [{"target": "archivo", "text": self.unread}]
        if not self.text.strip():
            return [{"target": "archivo", "text": _("Elige un archivo YAML o BPMN")}]
        if isinstance(self._drawn, BpmnError):
            return [{"target": "archivo", "text": str(self._drawn)}]
        if self._drawn is not None:
            return []
        if self.result.bundle is not None:
            return []
        return [
            {"target": "archivo", "text": _("Línea %(line)s: %(text)s") % {"line": found.line, "text": found.message}}
            for found in self.result.errors
        ]

    @property
    def content(self) -> dict[str, Any]:
        """The data of the file."""
        if isinstance(self._drawn, Read):
            return self._drawn.content
        assert self.result.bundle is not None
        return self.result.bundle.model_dump(mode="json", exclude_defaults=True)

    @property
    def changes(self) -> list[Change]:
        """What it would change in the draft."""
        return changes(dict(plain_content(self.draft)), self.content)

    @property
    def fingerprint(self) -> str:
        """Of the draft as it was compared."""
        return tree.fingerprint(self.draft.content)

    def apply(self, *, seen: str, by: Person, now: datetime) -> ProcedureDraft:
        """Take the file's content. Raises ItemChanged when the draft is no longer the one compared."""
        if seen != self.fingerprint:
            raise ItemChanged(self.draft.changed_by.full_name, self.draft.changed_at.strftime("%H:%M"))
        return operations.restore(draft=self.draft, content=self.content, summary=self._summary, by=by, now=now)

    @property
    def _summary(self) -> str:
        return _("Trajo un archivo BPMN") if isinstance(self._drawn, Read) else _("Trajo un archivo YAML")
