"""The form of a page: which questions it asks, what they were answered, and what to tell the person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import ErrorDict, ErrorList
from django.utils.translation import gettext as _

from procedures.around import Around
from procedures.expressions import Pesos, paths_in
from procedures.fields import display_value, kind_of
from procedures.fields.compound import repeated_row, row_title
from procedures.fields.files import StoredFileField
from procedures.forms.problems import Problem
from procedures.forms.questions import Box, QuestionForm, RowForm, Section, hangs_from, key_of
from procedures.forms.rows import behind, is_needed, row_ids
from procedures.forms.sending import SEEN, as_lists, change_of
from procedures.schema import Bundle, Exit, Field, Form
from procedures.visibility import (
    Journey,
    Scope,
    answered_step,
    as_asked,
    as_it_counts,
    holds,
    is_allowed,
    worked_out,
)


class PageForm(QuestionForm):
    """A page of the form filled at a step, or all its pages in one. `{{ form }}` draws it."""

    template_name = "fields/form.html"

    def __init__(
        self,
        *,
        bundle: Bundle,
        step_id: str,
        page: int | None,
        answers: Scope,
        data: Any,
        files: Any,
        label_as_heading: bool,
        pesos: Pesos,
        around: Around,
        typed: Mapping[str, Any],
    ) -> None:
        form = bundle.form_of(step_id)
        if form is None:
            raise KeyError(step_id)
        lists = as_lists(data)
        change = change_of(lists)
        if lists is not None and change[:1] == ["zoom"]:
            lists[f"{change[1]}-nivel"] = change[-1]
        marks = frozenset(lists.getlist(SEEN)) if lists is not None and SEEN in lists else None
        super().__init__(
            data=lists, files=files, prefix=None, seen=marks, quiet=change != [], pesos=pesos, around=around,
            typed=typed, change=change,
        )  # fmt: skip
        self._bundle, self._step, self._scope = bundle, answered_step(bundle, step_id), answers
        self.stored = dict(answers.get(self._step, {}))
        self._within = {**answers, self._step: self.values}
        self.sections: list[Section] = []
        self._recounted: dict[str, Any] = {}
        self.asked: list[int] = []
        """The pages that are asked, as far as answers tell, counted from 1."""
        self._read(form, page)
        self._check_rules(form)
        self._mark_heading(label_as_heading)

    def _read(self, form: Form, page: int | None) -> None:
        journey = Journey(self._bundle)
        self._exits: list[Exit] = []
        for place, part in enumerate(form.pages, 1):
            drawn = page in (None, place)
            if not journey.asks(part, self._within):
                continue
            self.asked.append(place)
            self._read_page(Section(part.title, part.help, []), part.fields, drawn=drawn)
            self._exits += part.exits if drawn else ()
            journey.leave(part, self._within)

    def _read_page(self, section: Section, questions: tuple[Field, ...], *, drawn: bool) -> None:
        for question in questions:
            asked = as_asked(question, self._within, self._bundle)
            stored = self.stored.get(question.id)
            answer = stored if asked is not None and stored is not None and is_allowed(asked, stored) else None
            if question.type == "computed":
                answer = self._computed(question) if asked else None
            if not drawn:
                answer = self._counted(question, answer)
            else:
                section.boxes.append(box := self._box(asked or question, asked is not None, questions))
                answer = self._answer(box, answer)
            if answer is not None:
                self.values[question.id] = answer
        if drawn:
            self.sections.append(section)

    def _counted(self, question: Field, stored: Any) -> Any:
        """An answer of a page that is not drawn: its rows lose what what was answered here hides in them."""
        counts = as_it_counts(question, stored, self._within, self._bundle, self.pesos)
        if counts != stored:
            self._recounted[question.id] = counts
        return counts

    def _computed(self, question: Field) -> Any:
        if self._adds_unread(question.sum_of or ""):
            return None
        return worked_out(question, self.values, self._within, self._bundle, self.pesos)

    def _adds_unread(self, path: str) -> bool:
        """Whether something that a sum adds up was typed so that it cannot be read: then the sum would be less."""
        name, _dot, column = path.partition(".")
        found = (self.unread if self.is_bound else self.typed).get(name) or {}
        if not column:
            return bool(found)
        wanted = behind(self._bundle, self._bundle.field(f"{self._step}.{name}"), column)
        return any(not wanted.isdisjoint(row) for row in found.values())

    def _box(self, question: Field, asked: bool, together: tuple[Field, ...]) -> Box:
        template = kind_of(question).template_name
        box = Box(question, question.id, asked, hangs_from(question, self._step, together), template)
        self.boxes.append(box)
        return box

    def _check_rules(self, form: Form) -> None:
        """Rules between answers, told beside the question that each names, once all they look at is answered."""
        self._broken: dict[str, str] = {}
        for rule in form.rules:
            paths = paths_in(rule.must, self._bundle)
            answered = all(self._has(path) for path in paths)
            if answered and rule.at not in self._broken and not holds(rule.must, self._within, self._bundle, rule.id):
                self._broken[rule.at] = rule.message
        for box in self.boxes:
            if box.question.type == "group" and self._may_complain(box):
                box.rows_error = box.rows_error or self._broken.get(box.question.id, "")

    def _has(self, path: str) -> bool:
        step, _, name = path.partition(".")
        if step == self._step and self._is_partial(name):
            return False
        return self._within.get(step, {}).get(name) not in (None, "", [], {})

    def _is_partial(self, name: str) -> bool:
        """Whether it adds up a column that a row still lacks: no rule is broken by what is not all there."""
        group, _dot, column = (self._bundle.field(f"{self._step}.{name}").sum_of or "").partition(".")
        if not column:
            return False
        asked = self._bundle.field(f"{self._step}.{group}")
        lacking = (row for row in self.values.get(group) or () if column not in row)
        return any(is_needed(asked, column, row, self._within, self._bundle) for row in lacking)

    def _answer(self, box: Box, stored: Any) -> Any:
        if not box.visible or not box.question.is_question:
            return None
        if box.question.type == "computed":
            box.said = display_value(box.question, stored) if stored is not None else ""
            return stored
        if box.question.type == "group":
            return self._ask_rows(box, stored or [])
        return self.ask(box, stored)

    def _ask_rows(self, box: Box, stored: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        by_id = {str(row["id"]): row for row in stored}
        for row_id in row_ids(self, box, self.change, list(by_id)):
            box.rows.append(self._row(box, row_id, by_id.get(row_id, {})))
        least = box.question.min_rows if box.question.required else 0
        if self.is_bound and not self.quiet and not self.is_new(box) and len(box.rows) < least:
            box.rows_error = _("Agrega al menos %(least)s en «%(label)s»") % {
                "least": least,
                "label": box.question.label,
            }
        if unread := {row.row_id: row.unread for row in box.rows if row.unread}:
            self.unread[box.question.id] = unread
        answers = [row.answer for row in box.rows]
        repeated = repeated_row(box.question, answers) if box.question.unique else None
        if repeated and self.is_bound and not self.quiet:
            asked = [f"«{one.label}»" for one in box.question.fields if one.id in box.question.unique]
            box.rows_error = _("%(row)s repite %(labels)s de otra fila. Cámbialo o quita la fila") % {
                "row": box.rows[repeated - 1].title,
                "labels": _(" y ").join(asked),
            }
        return answers or None

    def _row(self, box: Box, row_id: str, stored: dict[str, Any]) -> RowForm:
        row = RowForm(
            group=box.question,
            row_id=row_id,
            stored=stored,
            scope=self._within,
            bundle=self._bundle,
            data=self.data if self.is_bound else None,
            files=self.files if self.is_bound else None,
            seen=self.seen,
            quiet=self.quiet,
            pesos=self.pesos,
            around=self.around,
            typed=(self.typed.get(box.name) or {}).get(row_id, {}),
            change=self.change,
        )
        row.title = row_title(box.question, len(box.rows) + 1)
        row.focus = self.change == ["add", box.name] and row_id not in self.data.getlist(f"{box.name}-rows")  # type: ignore[attr-defined]
        return row

    def _mark_heading(self, label_as_heading: bool) -> None:
        """With one question on the page, its label may be the heading (pages.md 1.1)."""
        only = self.boxes[0].bound if label_as_heading and len(self.boxes) == 1 else None
        self.draws_heading = only is not None
        self.heading = str(only.label) if only else self.sections[0].title if self.sections else ""
        if only:
            only.field.is_heading = True  # type: ignore[attr-defined]

    @property
    def needs_more(self) -> bool:
        """Whether an answer opened something that the person has not seen: no error, one more answer."""
        return bool(self.newly_asked) and not self.change

    @cached_property
    def newly_asked(self) -> list[Problem]:
        """The questions that were opened, with a link to each."""
        return [Problem(box.target, box.question.label) for box, form in self._all_boxes() if form.is_new(box)]

    @property
    def redrawn(self) -> list[Box]:
        """Boxes to send to a page that saves while the person writes: those just opened or closed."""
        if self.seen is None:
            return []
        had = {mark.partition("~")[0] for mark in self.seen}
        found = []
        for box in self.boxes:
            if self._looks_other(box, box.name in had):
                found.append(box)
            elif box.visible:
                inside = (inner for row in box.rows for inner in row.boxes)
                found += [inner for inner in inside if self._looks_other(inner, inner.name in had)]
        return found

    def _looks_other(self, box: Box, was_there: bool) -> bool:
        """A group in which the person is writing is not drawn again under their hands; only its totals are."""
        is_other = box.question.type == "computed" or box.mark not in (self.seen or ())
        return box.visible != was_there or (box.visible and is_other)

    @property
    def added_up(self) -> list[Box]:
        """Groups on screen whose totals may have changed."""
        return [box for box in self.boxes if box.visible and box.question.totals and not self.is_new(box)]

    @property
    def exit(self) -> Exit | None:
        """The way out that the answers of this page lead to: the person cannot go on."""
        return next((way for way in self._exits if holds(way.when, self._within, self._bundle, way.id)), None)

    @property
    def problems(self) -> list[Problem]:
        """Every error, in the order of the page."""
        return list(self.own_problems()) if self.is_bound else []

    def is_valid(self) -> bool:
        """Whether everything asked is answered well, everything asked was seen, and the person pressed to go on."""
        rows = [row for box in self.boxes for row in box.rows]
        sound = super().is_valid() and all(row.is_valid() for row in rows)
        at_ease = not self.change and not self.newly_asked and not any(box.rows_error for box in self.boxes)
        return sound and at_ease and not self.own_broken()

    def own_broken(self) -> list[Problem]:
        """Rules between answers that do not hold, of questions on this page."""
        return [
            Problem(box.target, self._broken[box.question.id])
            for box in self.boxes
            if box.visible and box.question.id in self._broken
        ]

    def full_clean(self) -> None:
        """Django's check, and the rules between answers where the question itself is right."""
        super().full_clean()
        for box in self.boxes:
            told = self._broken.get(box.question.id)
            if told and box.bound is not None and self._may_complain(box) and key_of(box.question) not in self.errors:
                self.add_error(key_of(box.question), told)

    def _may_complain(self, box: Box) -> bool:
        return self.is_bound and not self.quiet and box.visible and not self.is_new(box)

    def cleaned_answers(self) -> dict[str, Any]:
        """The answers of this page, in stored form: visible and readable ones only, even when others are wrong.

        And the groups of other pages in whose rows something is hidden, asked or worked out otherwise because of them.
        """
        own = {box.question.id: self.values[box.question.id] for box in self.boxes if box.question.id in self.values}
        return {**self._recounted, **own}

    def half_typed(self) -> dict[str, Any]:
        """What is no answer yet, by question of this page, to be kept and shown again; None where there is nothing."""
        return {box.question.id: self.unread.get(box.question.id) for box in self.boxes if box.question.is_question}

    def removed_answers(self) -> set[str]:
        """Questions of the step, on any page, whose stored answer no longer stands: hidden, emptied or unreadable."""
        return set(self.stored) - set(self.values)

    def new_files(self) -> dict[str, list[UploadedFile[bytes]]]:
        """Good files that came with the page, by question; store each and hand it to `keep_file`."""
        found = {}
        for box, form in self._all_boxes():
            if form.is_bound and _is_file(box) and self.change[:2] != ["drop", box.name]:
                good = _good_files(box, form)
                if good:
                    found[box.name] = good
        return found

    def keep_file(self, name: str, value: dict[str, Any]) -> None:
        """Note that a file of a question is stored: it counts as answered. KeyError when there is none."""
        box, form = self._file_box(name)
        form.values[box.question.id] = _control(box).keep(value)
        for group in self.boxes:
            if group.rows:
                self.values[group.question.id] = [row.answer for row in group.rows]

    def check_file(self, name: str, upload: UploadedFile[bytes]) -> bool:
        """Whether a file sent alone is good; otherwise its box says why. KeyError when there is no such question."""
        box, form = self._file_box(name)
        try:
            _control(box).check_one_more(upload)
        except ValidationError as error:
            form._errors = ErrorDict({key_of(box.question): ErrorList(error.messages)})  # type: ignore[attr-defined]
            return False
        return True

    def refuse(self, box: Box, told: str) -> None:
        """Tell what is wrong with an answer of the page, or of a row, that only another room can see."""
        asking = next(form for one, form in self._all_boxes() if one is box)
        asking.add_error(key_of(box.question), told)

    def each_file(self) -> Iterator[tuple[Box, Any]]:
        """Every question of the page for a file, those in rows included, with its answer."""
        return ((box, form.values.get(box.question.id)) for box, form in self._all_boxes() if _is_file(box))

    def holder(self, name: str) -> str:
        """The question of the page that holds a control: its own, or the group of its row. KeyError without one."""
        wanted = self.box(name)
        rows = ((group.question.id, inner) for group in self.boxes for row in group.rows for inner in row.boxes)
        return next((group for group, inner in rows if inner is wanted), wanted.question.id)

    def box(self, name: str) -> Box:
        """The box of a question, by the name of its control. KeyError when there is none."""
        return next((box for box, _form in self._all_boxes() if box.name == name), None) or _no_box(name)

    def _file_box(self, name: str) -> tuple[Box, QuestionForm]:
        for box, form in self._all_boxes():
            if box.name == name and _is_file(box):
                return box, form
        raise KeyError(name)

    def _all_boxes(self) -> Iterator[tuple[Box, QuestionForm]]:
        for box in self.boxes:
            yield box, self
            for row in box.rows:
                for inner in row.boxes:
                    yield inner, row


def _is_file(box: Box) -> bool:
    return box.bound is not None and isinstance(box.bound.field, StoredFileField)


def _control(box: Box) -> StoredFileField:
    return box.bound.field  # type: ignore[union-attr, return-value]


def _good_files(box: Box, form: QuestionForm) -> list[UploadedFile[bytes]]:
    """The files sent that pass, as many as there is room for; of the one file of a question, the last."""
    control = _control(box)
    sent = control.widget.value_from_datadict(form.data, form.files, box.name)
    good = [upload for upload in (sent if isinstance(sent, list) else [sent]) if upload and control.accepts(upload)]
    return good[: control.room] if control.question.max_files > 1 else good[-1:]


def _no_box(name: str) -> Box:
    raise KeyError(name)
