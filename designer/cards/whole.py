"""The card of the ficha: one page over the parts of the content that tell of the procedure."""

from __future__ import annotations

import copy
from datetime import datetime
from functools import cached_property
from typing import Any

from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Person
from designer import operations, tree
from designer.cards import ficha
from designer.cards.controls import CardForm, Control
from designer.cards.scene import Scene
from designer.errors import DesignError
from designer.models import ProcedureDraft
from designer.tree import Data

PARTS = ("title", "summary", "ficha", "term")


class FichaEditor:
    """What the ficha's page shows and keeps."""

    def __init__(self, draft: ProcedureDraft, data: QueryDict | None = None) -> None:
        self.draft, self.data = draft, data

    @cached_property
    def form(self) -> CardForm:
        """The controls of every section."""
        whole = {key: self.draft.content.get(key) for key in PARTS if key in self.draft.content}
        whole["code"] = self.draft.code
        return CardForm(Scene(self.draft.content, (), self.draft.agency, whole), [*ficha.ALL, *self._code], self.data)

    @property
    def _code(self) -> list[Control]:
        """The control of the code, which is free until something is published."""
        return [ficha.CODE] if self.draft.procedure_id is None else []

    @property
    def presentation(self) -> list[BoundField]:
        """What the public reads first."""
        return self._bound(ficha.PRESENTATION, more=False)

    @property
    def details(self) -> list[BoundField]:
        """Contact, channels and words for the search: filled in from the agency."""
        return [*self._bound(ficha.PRESENTATION, more=True), *self._bound(self._code)]

    @property
    def term(self) -> list[BoundField]:
        """The legal term and the effect of silence."""
        return self._bound(ficha.TERM, more=False)

    @property
    def term_rules(self) -> list[BoundField]:
        """What may change how long the term lasts."""
        return self._bound(ficha.TERM, more=True)

    @property
    def legal(self) -> list[BoundField]:
        """Catalogue, retention and personal data."""
        return self._bound(ficha.LEGAL)

    @property
    def norms(self) -> list[dict[str, Any]]:
        """The norms, with a blank row."""
        return [*ficha.typed_norms(self.data), {}] if self.data is not None else ficha.norm_rows(self.draft.content)

    @property
    def fingerprint(self) -> str:
        """Of the parts that this page changes."""
        return tree.fingerprint(self._parts(self.draft.content))

    def save(self, *, by: Person, now: datetime) -> ProcedureDraft:
        """Keep what was typed. Raises ItemChanged when somebody else changed these parts meanwhile.

        A code that cannot be taken is told beside its control.
        """
        made = self.form.item()
        if self.data is not None and "norma-0" in self.data:
            made.setdefault("ficha", {})["legal_basis"] = ficha.typed_norms(self.data)
        made.setdefault("ficha", {}).setdefault("requirements", [])
        made = {key: made.get(key, "" if key in ("title", "summary") else {}) for key in PARTS}
        made["title"] = made["title"] or self.draft.title
        saved = operations.put_parts(
            draft=self.draft, parts=made, seen=str(self.data.get("seen", "")) if self.data is not None else "",
            summary=_("Cambió la ficha"), by=by, now=now,
        )  # fmt: skip
        return self._with_code(saved, by, now)

    def _with_code(self, saved: ProcedureDraft, by: Person, now: datetime) -> ProcedureDraft:
        typed = str(self.data.get(ficha.CODE.name, "")).strip() if self.data is not None else ""
        if not typed or typed == saved.code:
            return saved
        try:
            return operations.rename_procedure(draft=saved, code=typed, by=by, now=now)
        except DesignError as error:
            if self._code:
                self.form.add_error(ficha.CODE.name, str(error))
        return saved

    def _bound(self, controls: list[Control], *, more: bool | None = None) -> list[BoundField]:
        return [self.form[c.name] for c in controls if more is None or c.more == more]

    @staticmethod
    def _parts(content: Data) -> Data:
        return copy.deepcopy({key: content.get(key) for key in PARTS})
