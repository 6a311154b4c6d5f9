"""Beginning a procedure: what the page asks, and the draft that comes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Agency, Person
from designer import operations, starting
from designer.cards.questions import TYPE_NAMES
from designer.errors import CannotRead, DesignError
from designer.models import ProcedureDraft
from designer.queries import codes_of, draft_path, procedures_of
from designer.spreadsheet import MOST_ROWS, Row, rows_of, with_rows
from designer.tree import Data
from participation.api import Wish, link_draft, wish_at, wishes_for
from participation.models import Subject
from procedures.api import bundle_of

WAYS = ("peticion", "preguntas", "planilla", "ejemplo", "copia", "vacio")


@dataclass
class Beginning:
    """The page that begins a procedure, with what was typed in it."""

    agency: Agency
    data: QueryDict | None
    asked: str = ""
    """Code of the citizens' request from which the page was opened."""
    problems: list[dict[str, str]] = field(default_factory=list)
    sheet: Any = None
    """The spreadsheet that was sent."""
    rows: list[Row] = field(default_factory=list)
    """What was read of it."""

    def __post_init__(self) -> None:
        if self.data is None:
            return
        if not self.title:
            self._problem("titulo", _("Escribe el nombre del trámite"))
        if self.way == "preguntas" and not self.typed("preguntas").strip():
            self._problem("preguntas", _("Pega tus preguntas, una por línea"))
        if self.way == "planilla":
            self._read_sheet()
        if self.way in ("ejemplo", "copia") and self.typed(self.way) not in self._models():
            self._problem(self.way, _("Elige de cuál partir"))
        if self.way == "peticion" and self._wish() is None:
            self._problem("peticion", _("Elige la petición que quieres cumplir"))

    @property
    def title(self) -> str:
        """The name of the procedure, on one line; of a request, its own until another is typed."""
        typed = " ".join(self.typed("titulo").split())[:300]
        wish = self._wish() if not typed and self.way == "peticion" else None
        return wish[0].title if wish else typed

    @property
    def faulty(self) -> set[str]:
        """The controls with which something is wrong."""
        return {problem["target"] for problem in self.problems}

    @property
    def way(self) -> str:
        """How it begins."""
        chosen = self.typed("desde") or ("peticion" if self.asked else "")
        return chosen if chosen in WAYS else "preguntas"

    @property
    def wishes(self) -> list[Wish]:
        """What people ask of the agency, to begin from."""
        return wishes_for(self.agency)

    @property
    def chosen_wish(self) -> str:
        """The request that was chosen."""
        return self.typed("peticion") or self.asked

    @property
    def pasted(self) -> str:
        """The questions that were pasted."""
        return self.typed("preguntas")

    @property
    def chosen_example(self) -> str:
        """The example that was chosen."""
        return self.typed("ejemplo")

    @property
    def chosen_copy(self) -> str:
        """The procedure of the agency that was chosen."""
        return self.typed("copia")

    @property
    def examples(self) -> list[tuple[str, str, str]]:
        """The examples to choose from."""
        return starting.examples()

    @property
    def ours(self) -> list[tuple[str, str]]:
        """The agency's own procedures, to copy."""
        return [(row.code, row.title) for row in procedures_of(self.agency)]

    def typed(self, name: str) -> str:
        """What was typed in a control."""
        return str(self.data.get(name, "")) if self.data is not None else ""

    def refuse(self, error: DesignError) -> None:
        """Say why it was not made."""
        self._problem("titulo", str(error))

    def create(self, *, by: Person, now: datetime) -> ProcedureDraft:
        """The draft. Raises CodeTaken."""
        with translation.override("es"):  # what a procedure says is in Spanish, whoever writes it
            content = self._content()
        with transaction.atomic():
            draft = operations.create_draft(
                agency=self.agency, content=content, summary=_("Creó el trámite"), by=by, now=now
            )
            if self.way == "peticion" and (wish := self._wish()) is not None:
                link_draft(subject=wish[1], draft_path=draft_path(draft), by=by, now=now)
        return draft

    def _content(self) -> Data:
        taken = codes_of(self.agency)
        if self.way == "peticion" and (wish := self._wish()) is not None:
            return starting.from_wish(self.title, self.agency, taken, wish[0])
        if self.way in ("ejemplo", "copia"):
            return starting.copy_of(self._model(), self.title, taken)
        empty = starting.empty(self.title, self.agency, taken)
        if self.way == "planilla":
            return with_rows(empty, self.rows)
        return starting.with_questions(empty, self.pasted) if self.way == "preguntas" else empty

    @property
    def told_rows(self) -> str:
        """The rows without fault, as the page carries them until they are approved."""
        return json.dumps([[row.page, row.question] for row in self.rows], ensure_ascii=False)

    @property
    def is_approved(self) -> bool:
        """Whether what was read of the spreadsheet was seen and accepted; any other beginning needs no look first."""
        return self.way != "planilla" or bool(self.typed("filas"))

    def _read_sheet(self) -> None:
        """The rows of the spreadsheet, or those that were approved."""
        if self.typed("filas"):
            self.rows = _approved(self.typed("filas"))
            return
        if self.sheet is None:
            self._problem("planilla", _("Elige la planilla con tus preguntas"))
            return
        try:
            self.rows = rows_of(self.sheet.read())
        except CannotRead as error:
            self._problem("planilla", str(error))
        for row in self.rows:
            if row.problem:
                text = _("Fila %(n)s: %(problem)s") % {"n": row.number, "problem": row.problem}
                self._problem("planilla", text)

    def _wish(self) -> tuple[Wish, Subject] | None:
        return wish_at(self.agency, self.chosen_wish)

    def _models(self) -> set[str]:
        """What may be begun from, in the way that was chosen."""
        return {row[0] for row in (self.examples if self.way == "ejemplo" else self.ours)}

    def _model(self) -> Data:
        if self.way == "ejemplo":
            found = starting.example(self.typed("ejemplo")).bundle
            assert found is not None
            return starting.plain(found)
        row = next(row for row in procedures_of(self.agency) if row.code == self.typed("copia"))
        if row.draft is not None:
            content: Data = row.draft.content
            return content
        assert row.version is not None
        return starting.plain(bundle_of(row.version))

    def _problem(self, target: str, text: str) -> None:
        self.problems.append({"target": target, "text": text})


def _approved(told: str) -> list[Row]:
    """The rows that the page carried. What is no question in them is left out: the gate tells what it lacks."""
    try:
        rows = json.loads(told)
    except ValueError:
        return []
    return [
        Row(number, dict(question), str(page))
        for number, (page, question) in enumerate(rows[:MOST_ROWS], 2)
        if isinstance(question, dict) and question.get("type") in TYPE_NAMES and question.get("label")
    ]
