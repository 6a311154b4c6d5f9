"""Questions of a form brought in from a spreadsheet: those that are there change, new ones are added. Pure.

A row is the question of its internal name; without one, that of the same words; without any, a new question. What the
sheet has no column for stays as it is. Questions that the sheet does not name stay, unless asked otherwise.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from designer import tree
from designer.cards.questions import LOSSLESS, TYPE_NAMES, converted
from designer.references import users_of
from designer.renaming import is_name
from designer.spreadsheet import Row
from designer.tree import Data
from procedures.api import FACETS

COLUMNS = ("Nombre interno", "Página", "Pregunta", "Tipo", "Opciones", "Obligatoria", "Ayuda")
"""Of the sheet of a form's present questions."""


@dataclass
class Merged:
    """The procedure with the rows in it, and what could not be done."""

    content: Data
    problems: list[str] = field(default_factory=list)
    """Why it cannot be brought in, row by row."""
    kept: list[str] = field(default_factory=list)
    """Questions that the sheet leaves out and stay all the same, because something uses them."""


def sheet_rows(form: Data) -> list[list[str]]:
    """The present questions of a form, a row each, to be changed in a spreadsheet and brought back."""
    rows = []
    for page in form.get("pages") or ():
        for question in page.get("fields") or ():
            if is_told(question):
                options = "|".join(option.get("label", option["id"]) for option in question.get("options") or ())
                rows.append([
                    question["id"], page.get("title", ""), question.get("label", ""),
                    str(TYPE_NAMES.get(question["type"], "")), options,
                    "no" if question.get("required") is False else "sí", question.get("hint", ""),
                ])  # fmt: skip
    return rows


def is_told(question: Data) -> bool:
    """Whether a sheet has a row for it: what only speaks, and takes no answer, is left out."""
    return FACETS[question.get("type", "text")].shape != "none"


def merged(content: Data, form_id: str, rows: Iterable[Row], *, frozen: set[str], drops: bool) -> Merged:
    """The procedure with the rows in a form. `frozen` are the published questions: their type changes only without
    losing answers. With `drops`, questions that no row names go, unless another part uses them."""
    made = Merged(copy.deepcopy(content))
    form = tree.get(made.content, ("forms", form_id))
    asked = {page["id"] for page in form.setdefault("pages", []) if page.get("fields")}
    joining = _Joining(form, frozen, made)
    for row in rows:
        joining.take(row)
    if drops:
        _drop(made, form_id, joining.named)
    form = tree.get(made.content, ("forms", form_id))
    form["pages"] = [page for page in form["pages"] if page["id"] not in asked or not _is_spent(made, form_id, page)]
    return made


def _is_spent(made: Merged, form_id: str, page: Data) -> bool:
    """Whether nothing is left of a page: no question, no way out of it, and nobody who leads to it."""
    is_used = page.get("exits") or page.get("skip") or users_of(made.content, ("forms", form_id, "pages", page["id"]))
    return not page.get("fields") and not is_used


class _Joining:
    """Rows on their way into a form, one after the other."""

    def __init__(self, form: Data, frozen: set[str], made: Merged) -> None:
        self.form, self.frozen, self.made = form, frozen, made
        self.named: set[str] = set()
        self.page: Data | None = form["pages"][-1] if form["pages"] else None
        self.last = ""
        """The question of the row before: a new one goes after it."""

    def take(self, row: Row) -> None:
        present = self._present(row)
        if present is None:
            self._add(row)
            return
        page, question = present
        if question["id"] in self.named:
            self._refuse(row, _("esa pregunta ya está en otra fila."))
            return
        problem = self._change(question, row)
        if problem:
            self._refuse(row, problem)
        wanted = self._page(row.page) if row.page and row.page != page.get("title") else page
        if wanted is not page:
            page["fields"].remove(question)
            wanted.setdefault("fields", []).append(question)
        self._went(wanted, question)

    def _present(self, row: Row) -> tuple[Data, Data] | None:
        found = [(page, one) for page in self.form["pages"] for one in page.get("fields") or ()]
        by_name = [pair for pair in found if row.name and pair[1]["id"] == row.name]
        same_words = [pair for pair in found if not row.name and pair[1].get("label") == row.question.get("label")
                      and pair[1]["id"] not in self.named]  # fmt: skip
        return next(iter([*by_name, *same_words]), None)

    def _add(self, row: Row) -> None:
        if row.name and not is_name(row.name):
            self._refuse(row, _("«%(name)s» no sirve de nombre interno.") % {"name": row.name})
            return
        page = self._page(row.page or _("Página")) if row.page or self.page is None else self.page
        taken = {one["id"] for _at, one in tree.fields_of_form(self.form)}
        name = row.name or tree.new_id(row.question["label"], taken, "pregunta")
        question = {**row.question, "id": name, "type": row.question["type"] or "text"}
        fields = page.setdefault("fields", [])
        places = [place for place, one in enumerate(fields, 1) if one["id"] == self.last]
        fields.insert(places[0] if places else len(fields), question)
        self._went(page, question)

    def _went(self, page: Data, question: Data) -> None:
        self.page, self.last = page, question["id"]
        self.named.add(question["id"])

    def _change(self, question: Data, row: Row) -> str:
        """Put into a question what its row says; returns what cannot be."""
        typed = row.question
        kind = typed["type"] if "type" in row.told and typed["type"] else question["type"]
        if kind != question["type"]:
            if question["id"] in self.frozen and kind not in LOSSLESS.get(question["type"], set()):
                return _("ya se publicó, y ese tipo no sirve para lo que la gente respondió. Agrega otra pregunta.")
            changed = converted(question, kind)
            question.clear()
            question.update(changed)
        question["label"] = typed["label"]
        if "hint" in row.told:
            _put(question, "hint", typed.get("hint", ""))
        if "required" in row.told:
            _put(question, "required", None if typed.get("required", True) else False)
        if typed.get("options") and "options" in row.told and FACETS[kind].needs == "options":
            question["options"] = _options(question.get("options") or [], typed["options"])
        return ""

    def _page(self, title: str) -> Data:
        found = next((page for page in self.form["pages"] if page.get("title") == title), None)
        if found is None:
            found = {"id": tree.new_id(title, tree.ids(self.form["pages"]), "pagina"), "title": title, "fields": []}
            self.form["pages"].append(found)
        return found

    def _refuse(self, row: Row, why: str) -> None:
        self.made.problems.append(_("Fila %(n)s: %(problem)s") % {"n": row.number, "problem": why})


def _put(question: Data, key: str, value: object) -> None:
    if value in (None, ""):
        question.pop(key, None)
    else:
        question[key] = value


def _options(present: list[Data], wanted: list[Data]) -> list[Data]:
    """The options that the sheet names; those that were there keep their internal name and all else."""
    by_label = {option.get("label"): option for option in present}
    taken, made = {option["id"] for option in present}, []
    for option in wanted:
        kept = by_label.get(option["label"])
        name = kept["id"] if kept else tree.new_id(option["label"], taken, "opcion")
        taken.add(name)
        made.append(kept or {"id": name, "label": option["label"]})
    return made


def _drop(made: Merged, form_id: str, named: set[str]) -> None:
    for here, question in list(tree.fields_of_form(tree.get(made.content, ("forms", form_id)))):
        if question["id"] in named or not is_told(question):
            continue
        if users_of(made.content, here):
            made.kept.append(str(question.get("label") or question["id"]))
        else:
            made.content = tree.remove(made.content, here)
