"""What pages and rows share: boxes, their controls, and the answers read from them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorList

from procedures.around import Around
from procedures.expressions import Pesos
from procedures.fields import display_value, kind_of
from procedures.fields.base import AT
from procedures.fields.compound import totals_of
from procedures.fields.dates import with_days
from procedures.fields.files import StoredFileField, files_of, without_file
from procedures.fields.parts import PartsField, is_typed
from procedures.forms.problems import Problem
from procedures.schema import Bundle, CelCondition, Field, rows_of
from procedures.visibility import Scope, as_asked, is_allowed, is_varying, worked_out

MOST_TYPED = 50_000
"""Characters of what is no answer yet that are kept for one question."""
_MUST = "*"
"""At the end of the mark of a question that may or may not have to be answered, where it had to be."""
_KEY = "q-"
"""Before the id of a question in `fields`: no template can mean such a name, so no question hides a member."""


def key_of(question: Field) -> str:
    """The key of a question in `fields`, `initial` and `errors` of its form."""
    return _KEY + question.id


def first_control(question: Field, name: str = "") -> str:
    """Id of the first control of a question, where links to it lead; `name` is that of its control, if not its id."""
    return f"q-{name or question.id}{kind_of(question).first_of(question)}"


class Control(BoundField):
    """The control of a question, of which a screen reader also reads the unit beside it and the note below it."""

    box: "Box"

    @property
    def aria_describedby(self) -> str | None:
        """Ids of what describes it; None when its widget says it by itself."""
        described = super().aria_describedby
        if described is None:
            return None
        unit = self.unit_id if getattr(self.field, "unit", "") else ""
        return " ".join(filter(None, [unit, described, self.note_id if self.box.shown_note else ""]))

    @property
    def unit_id(self) -> str:
        """Id of the unit beside it."""
        return f"{self.auto_id}_unit"

    @property
    def note_id(self) -> str:
        """Id of the note below it."""
        return f"{self.auto_id}_note"


@dataclass
class Box:
    """A question, text or group as the page draws it. Not visible, it is drawn empty, ready to be filled."""

    question: Field
    name: str
    visible: bool
    reveal: bool = False
    """Whether it hangs from an answer on the same page."""
    template: str = ""
    bound: "Control | None" = None
    rows: list["RowForm"] = field(default_factory=list)
    rows_error: str = ""
    focus: bool = False
    """Whether the focus goes to it after a row was removed."""
    said: str = ""
    """A computed answer, or the totals of a group, in words."""

    note: str = ""
    """Where its answer comes from, when the person did not write it."""
    offer: Any = None
    """An earlier answer that may be used here, with `number` and `said`."""

    @property
    def shown_note(self) -> str:
        """The note, except where an earlier answer is offered instead."""
        return "" if self.offer else self.note

    @property
    def mark(self) -> str:
        """What the page sends to say that the person had it on screen, with these options."""
        own = kind_of(self.question).look(self.bound.field) if self.bound else ""
        if not own and not is_varying(self.question):
            return self.name
        look = repr(([option.id for option in self.question.options], own))
        return f"{self.name}~{sha256(look.encode()).hexdigest()[:8]}{_MUST * self.question.required}"

    @property
    def totals(self) -> list[tuple[str, str]]:
        """What the totalled columns of a group add up to so far."""
        return totals_of(self.question, [row.answer for row in self.rows])

    @property
    def target(self) -> str:
        """Id of the control where an error link leads."""
        return first_control(self.question, self.name)

    @property
    def can_add(self) -> bool:
        """Whether another row fits."""
        return len(self.rows) < self.question.max_rows


@dataclass(frozen=True)
class Section:
    """A page of the form, with its title and boxes."""

    title: str
    help: str | None
    boxes: list[Box]


class QuestionForm(forms.Form):
    """Questions of a page or of a row. Controls are made only for those that are asked."""

    bound_field_class = Control

    use_required_attribute = False

    def __init__(
        self,
        *,
        data: Any,
        files: Any,
        prefix: str | None,
        seen: frozenset[str] | None,
        quiet: bool,
        pesos: Pesos,
        around: Around,
        typed: Mapping[str, Any],
        change: list[str],
    ) -> None:
        super().__init__(data, files, auto_id="q-%s", prefix=prefix)
        self.pesos = pesos
        self.around = around
        self.boxes: list[Box] = []
        self.values: dict[str, Any] = {}
        self.seen = seen
        self.quiet = quiet
        self.change = change
        """The button that was pressed, in its parts, where it does not go on."""
        self.typed = typed
        self.unread: dict[str, Any] = {}
        """What was sent for a question and is no answer yet, as its control gives it, by question."""

    def add_prefix(self, field_name: str) -> str:
        """Name of a control: the id of the question, after the row's prefix."""
        return super().add_prefix(field_name.removeprefix(_KEY))

    def is_new(self, box: Box) -> bool:
        """Whether it is asked now and the person has not had it on screen. Not what only need not be answered now."""
        return self.seen is not None and box.visible and self.seen.isdisjoint({box.mark, box.mark + _MUST})

    def is_silent(self, box: Box) -> bool:
        """Whether its errors are not told: the person has not seen it, or pressed a button that does not go on.

        But whoever asks for a code hears what is wrong with the address that it should go to, and whoever sent a file
        that does not serve hears so at once: the browser does not send it again.
        """
        is_silent = self.quiet or self.is_new(box)
        return is_silent and self.change != ["code", box.name] and not self._brings_bad_file(box)

    def _brings_bad_file(self, box: Box) -> bool:
        control = box.bound.field if box.bound is not None else None
        if not isinstance(control, StoredFileField) or self.change[:2] == ["drop", box.name]:
            return False
        sent = control.widget.value_from_datadict(self.data, self.files, box.name)
        return any(one and not control.accepts(one) for one in (sent if isinstance(sent, list) else [sent]))

    def ask(self, box: Box, stored: Any) -> Any:
        """Make the control of a visible question and read its answer; None when there is none that counts."""
        if self.change[:2] == ["drop", box.name]:
            stored = without_file(stored, "".join(self.change[2:]), box.question)
        question, kind = box.question, kind_of(box.question)
        control = kind.form_field(with_days(question, self.around.today))
        kind.tell(control, self.pesos)
        kind.place(control, self.around, self.values)
        self.fields[key_of(question)] = control
        box.bound = cast(Control, self[key_of(question)])
        box.bound.box = box
        if isinstance(control, StoredFileField):
            control.kept = files_of(stored)
            return stored
        if stored is not None:
            self.initial[key_of(question)] = kind.shown(stored)
        elif question.default is not None:
            self.initial[key_of(question)] = kind.shown(question.default)
        if not self.is_bound:
            if stored is None and question.id in self.typed:
                self.initial[key_of(question)] = self.typed[question.id]
            return stored
        if self.is_new(box):
            self._fill_in(box, stored)
            stands = question.under is None or self._answered(box, control) == stored
            return stored if stands else None
        return self._answered(box, control)

    def _answered(self, box: Box, control: forms.Field) -> Any:
        """The answer that was sent, as it is stored; None for one that does not serve."""
        raw = control.widget.value_from_datadict(self.data, self.files, box.name)
        try:
            return kind_of(box.question).stored(control.clean(raw))
        except ValidationError:
            if is_typed(raw) and len(json.dumps(raw)) <= MOST_TYPED:
                self.unread[box.question.id] = raw
            return None

    def _fill_in(self, box: Box, stored: Any) -> None:
        shown = box.question.default if stored is None else stored
        if shown is not None:
            for name, values in kind_of(box.question).as_data(box.name, shown).items():
                self.data.setlist(name, values)  # type: ignore[attr-defined]

    def full_clean(self) -> None:
        """Django's check, silent about what the person has not been asked yet."""
        super().full_clean()
        for box in self.boxes:
            if self.is_silent(box):
                self.errors.pop(key_of(box.question), None)
            elif box.bound is not None and box.question.id in self.values and key_of(box.question) not in self.errors:
                told = kind_of(box.question).lacking(box.bound.field, self.values[box.question.id])
                if told and self.is_bound and not self.quiet:
                    where = kind_of(box.question).lacking_at(box.bound.field, self.values[box.question.id])
                    self.add_error(key_of(box.question), ValidationError(told, code=where and AT + where))

    def own_problems(self) -> Iterator[Problem]:
        """Errors in the order of the questions, in the words beside each; those of a row after the row's name."""
        for box in self.boxes:
            if box.rows_error:
                yield Problem(box.target, box.rows_error)
            for error in self._told(box):
                yield self._problem(box, error)
            for row in box.rows:
                yield from (Problem(told.target, f"{row.title}: {told.text}") for told in row.own_problems())

    def _told(self, box: Box) -> list[ValidationError]:
        found = self.errors.get(key_of(box.question))
        return found.as_data() if isinstance(found, ErrorList) else []

    def _problem(self, box: Box, error: ValidationError) -> Problem:
        """The line of an error: about a part of a question, it says of which question, and leads to that part."""
        text, code = error.messages[0], str(error.code or "")
        if not code.startswith(AT):
            return Problem(box.target, text)
        is_part = isinstance(box.bound and box.bound.field, PartsField) and box.question.label not in text
        told = f"{box.question.label}: {text}" if is_part else text
        return Problem(f"q-{box.name}{code.removeprefix(AT)}", told)


def hangs_from(question: Field, step: str, together: tuple[Field, ...]) -> bool:
    """Whether a question is asked because of an answer to one of those beside it, which are those of `step`."""
    condition = question.visible_when
    if condition is None or isinstance(condition, CelCondition):
        return False
    near = {f"{step}.{other.id}" for other in together}
    return any(row.field in near for row in rows_of(condition))


class RowForm(QuestionForm):
    """The questions of one row of a group; they may hang from others of the row, and from what was asked before."""

    def __init__(
        self, *, group: Field, row_id: str, stored: Mapping[str, Any], scope: Scope, bundle: Bundle, **options: Any
    ) -> None:
        super().__init__(prefix=f"{group.id}-{row_id}", **options)
        self.row_id = row_id
        self.title = ""
        self.focus = False
        self._scope, self._bundle = {**scope, group.id: self.values}, bundle.in_row(group)
        for question in group.fields:
            asked = as_asked(question, self._scope, self._bundle)
            kept = stored.get(question.id)
            if asked is None or (kept is not None and not is_allowed(asked, kept)):
                kept = None
            template = kind_of(question).template_name
            reveal = hangs_from(question, group.id, group.fields)
            box = Box(asked or question, self.add_prefix(question.id), asked is not None, reveal, template)
            self.boxes.append(box)
            answer = self._answer(box, kept)
            if answer is not None:
                self.values[question.id] = answer

    def _answer(self, box: Box, stored: Any) -> Any:
        if not box.visible or not box.question.is_question:
            return None
        if box.question.type != "computed":
            return self.ask(box, stored)
        found = worked_out(box.question, self.values, self._scope, self._bundle, self.pesos)
        box.said = display_value(box.question, found) if found is not None else ""
        return found

    @property
    def answer(self) -> dict[str, Any]:
        """The row as it is stored, with its own id."""
        return {"id": self.row_id, **self.values}
