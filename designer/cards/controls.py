"""Controls of a card: each reads and writes one key of an item and leaves every other key as it is."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from designer import tree
from designer.cards.scene import Choices as Choices
from designer.cards.scene import Scene as Scene
from designer.cards.scene import Words
from designer.cards.table import Column, TableField, as_stored, rows_of
from designer.cards.values import problem_with_limit, shown_limit, typed_limit
from designer.tree import Data
from procedures.api import Problem, problems_of

Kind = Literal["line", "text", "number", "bound", "lines", "tick", "pick", "ticks", "table", "truth", "day"]


MOST_NUMBER = 999_999_999
"""No term, count or length is longer."""
_TEMPLATES = {"tick": "fields/declaration.html", "ticks": "fields/set.html", "table": "fields/set.html"}


@dataclass(frozen=True)
class Control:
    """One control. `key` is the place inside the item ("deadline.amount"); what equals `default` is not written."""

    key: str
    label: Words
    kind: Kind = "line"
    hint: Words = ""
    choices: Choices | Callable[[Scene], Choices] = ()
    needed: bool = False
    default: Any = None
    more: bool = False
    rows: int = 3
    blank: Words = ""
    unit: Words = ""
    columns: tuple[Column, ...] = ()
    """Of a table: what each of its rows says."""
    fold: Callable[[Scene], str] | None = None
    """What the controls that stand folded together hold now, in words: those of one fold have the same."""

    @property
    def name(self) -> str:
        """The name of its control in the page."""
        return self.key.replace(".", "-")

    def made(self, scene: Scene) -> forms.Field:
        """The Django field that reads it."""
        maker: Callable[[Scene], forms.Field] = getattr(self, f"_{self.kind}")
        made = maker(scene)
        made.label, made.help_text, made.required = self.label, self.hint, False
        made.widget.is_required = False
        made.template_name = _TEMPLATES.get(self.kind, "fields/input.html")  # type: ignore[attr-defined]
        made.is_needed = self.needed or self.kind in ("tick", "pick", "ticks", "truth")  # type: ignore[attr-defined]
        if self.unit:
            made.unit = self.unit  # type: ignore[attr-defined]
        return made

    def shown(self, item: Any) -> Any:
        """The present value as the control shows it."""
        value = _inside(item, self.key)
        value = self.default if value is None else value
        if self.kind == "table":
            return rows_of(value, self.columns)
        if self.kind == "truth":
            return "" if value is None else "yes" if value else "no"
        if self.kind == "day":
            return _day_of(value)
        if self.kind == "bound":
            return shown_limit(value, _kind_of_bound(item))
        return "\n".join(map(str, value or ())) if self.kind == "lines" else value

    def _line(self, scene: Scene) -> forms.Field:
        return forms.CharField(widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}))

    def _text(self, scene: Scene) -> forms.Field:
        return forms.CharField(widget=forms.Textarea(attrs={"class": "textarea input", "rows": self.rows}))

    def _lines(self, scene: Scene) -> forms.Field:
        return self._text(scene)

    def _number(self, scene: Scene) -> forms.Field:
        made = forms.IntegerField(
            min_value=0,
            max_value=MOST_NUMBER,
            widget=forms.TextInput(attrs={"class": "input input-4", "inputmode": "numeric"}),
        )
        made.error_messages["invalid"] = _("Escribe un número entero, sin puntos ni letras")
        made.error_messages["min_value"] = _("Escribe un número de cero o más")
        made.error_messages["max_value"] = _("Escribe un número más chico")
        return made

    def _bound(self, scene: Scene) -> forms.Field:
        return _Bound(_kind_of_bound(scene.item))

    def _day(self, scene: Scene) -> forms.Field:
        made = forms.DateField(
            input_formats=["%d/%m/%Y", "%d-%m-%Y"],
            widget=forms.DateInput(attrs={"class": "input input-10", "autocomplete": "off"}, format="%d/%m/%Y"),
        )
        made.error_messages["invalid"] = _("Escribe una fecha que exista, como 01/03/2027")
        return made

    def _tick(self, scene: Scene) -> forms.Field:
        return forms.BooleanField()

    def _pick(self, scene: Scene) -> forms.Field:
        choices = list(self.choices(scene) if callable(self.choices) else self.choices)
        made = forms.ChoiceField(choices=[("", self.blank), *choices], widget=forms.Select(attrs={"class": "select"}))
        made.error_messages["invalid_choice"] = _("Elige una de las opciones de la lista")
        return made

    def _truth(self, scene: Scene) -> forms.Field:
        choices = [("", self.blank), ("yes", _("Sí")), ("no", _("No"))]
        return forms.ChoiceField(choices=choices, widget=forms.Select(attrs={"class": "select"}))

    def _ticks(self, scene: Scene) -> forms.Field:
        choices = self.choices(scene) if callable(self.choices) else self.choices
        widget = forms.CheckboxSelectMultiple()
        widget.template_name = "fields/choices.html"
        return forms.MultipleChoiceField(choices=choices, widget=widget)

    def _table(self, scene: Scene) -> forms.Field:
        return TableField(self.columns, scene)


class _Bound(forms.CharField):
    """A number, date or hour, written as an answer of that type is; a date also as counted from today's."""

    def __init__(self, kind: str) -> None:
        super().__init__(widget=forms.TextInput(attrs={"class": "input input-10", "autocomplete": "off"}))
        self.kind = kind

    def clean(self, value: Any) -> Any:
        """The value as a procedure holds it, or "". ValidationError when it is none of that type."""
        text = super().clean(value)
        problem = problem_with_limit(self.kind, text, str(self.label)) if text else ""
        if problem:
            raise forms.ValidationError(problem)
        return typed_limit(self.kind, text)


@dataclass(frozen=True)
class Fold:
    """Controls folded together under words that say what they hold."""

    words: str
    fields: list[forms.BoundField]

    @property
    def is_open(self) -> bool:
        """Whether something folded is wrong and must be seen."""
        return any(bound.errors for bound in self.fields)


class CardForm(forms.Form):
    """The controls of an item. What cannot be read keeps its former value and says why; the rest is kept."""

    use_required_attribute = False

    def __init__(self, scene: Scene, controls: Iterable[Control], data: Any = None) -> None:
        self.scene, self.controls = scene, list(controls)
        super().__init__(data, auto_id="d-%s", initial={c.name: c.shown(scene.item) for c in self.controls})
        for control in self.controls:
            self.fields[control.name] = control.made(scene)
            self._admit_present(control)
        self._mark_needed()

    def _mark_needed(self) -> None:
        """On the page what is not needed says «(opcional)»; saving refuses nothing for being empty."""
        for made in self.fields.values():
            made.required = made.is_needed  # type: ignore[attr-defined]

    def full_clean(self) -> None:
        """Django's check, for which nothing is required."""
        for made in self.fields.values():
            made.required = False
        super().full_clean()
        self._mark_needed()

    def _admit_present(self, control: Control) -> None:
        """A value that stands in the item stays choosable, even when what it names is gone."""
        value = control.shown(self.scene.item)
        made = self.fields[control.name]
        if isinstance(made, forms.MultipleChoiceField) or not isinstance(made, forms.ChoiceField) or not value:
            return
        if not made.valid_value(value):
            present: Any = made.choices
            made.choices = [*present, (value, _("%(name)s (ya no existe)") % {"name": value})]

    @cached_property
    def folds(self) -> list[Fold]:
        """The controls that stand folded together, with what each fold says."""
        words = dict.fromkeys(control.fold for control in self.controls if control.fold is not None)
        return [Fold(say(self.scene), [self[c.name] for c in self.controls if c.fold is say]) for say in words]

    @property
    def main(self) -> list[forms.BoundField]:
        """The controls in view."""
        return [self[control.name] for control in self.controls if not (control.more or control.fold)]

    @property
    def more(self) -> list[forms.BoundField]:
        """Those folded under «Más ajustes»."""
        return [self[control.name] for control in self.controls if control.more and not control.fold]

    @property
    def more_is_open(self) -> bool:
        """Whether something folded is wrong and must be seen."""
        return any(bound.errors for bound in self.more)

    @property
    def problems(self) -> list[Problem]:
        """Lines of the error summary."""
        return problems_of(self)

    @property
    def differences(self) -> list[tuple[Any, Any]]:
        """What the item says now where something else was typed: label and value."""
        typed = self.item()
        told = [(control, control.shown(self.scene.item), control.shown(typed)) for control in self.controls]
        return [(control.label, now) for control, now, wanted in told if now != wanted]

    def item(self) -> Any:
        """The item with what was typed."""
        self.is_valid()
        changed = copy.deepcopy(self.scene.item)
        for control in self.controls:
            if control.name in self.cleaned_data:
                _write(changed, control, self.cleaned_data[control.name])
        return changed


def _write(item: Data, control: Control, typed: Any) -> None:
    value = _value(control, typed)
    if control.kind == "ticks" and value:
        present = _inside(item, control.key) or []
        value = [*(one for one in present if one in value), *(one for one in value if one not in present)]
    parents = control.key.split(".")
    holder = item
    for part in parents[:-1]:
        if not isinstance(holder.get(part), dict):
            if value is None:
                return
            holder[part] = {}
        holder = holder[part]
    if value is None:
        holder.pop(parents[-1], None)
        _drop_empty(item, parents[:-1])
    else:
        holder[parents[-1]] = value


def _value(control: Control, typed: Any) -> Any:
    """What was typed as the item holds it; None for nothing, and for what is understood without writing it."""
    value = typed
    if control.kind == "table":
        value = as_stored(typed or [], control.columns)
    elif control.kind == "lines":
        value = [line.strip() for line in str(typed or "").splitlines() if line.strip()]
    elif control.kind == "truth":
        value = {"yes": True, "no": False}.get(typed)
    elif control.kind == "day":
        value = typed.isoformat() if typed else None
    elif control.kind == "text":
        value = str(typed or "").replace("\r\n", "\n").strip()
    if (
        value in (None, "", [], {})
        or value == control.default
        or (control.kind == "tick" and not value and not control.default)
    ):
        return None
    return value


def _day_of(value: Any) -> Any:
    """A stored date, or what stands there instead of one."""
    try:
        return date.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        return value


def _kind_of_bound(question: Any) -> str:
    """The type of answer that bounds a question."""
    kind = str(question.get("type", "")) if isinstance(question, dict) else ""
    return {"amounts": "money_clp", "datetime": "date", "period": "date"}.get(kind, kind)


def _inside(item: Any, key: str) -> Any:
    for part in key.split("."):
        item = item.get(part) if isinstance(item, dict) else None
    return item


def _drop_empty(item: Data, parents: list[str]) -> None:
    if parents and tree.find(item, tuple(parents)) == {}:
        holder = tree.get(item, tuple(parents[:-1]))
        holder.pop(parents[-1])


def term_rules(term: str) -> tuple[Control, ...]:
    """What may change how long a term lasts, under the key that holds it."""
    return (
        Control(f"{term}.extension.most", gettext_lazy("Cuánto se puede ampliar, a lo más"), "number", more=True,
                hint=gettext_lazy("En la unidad del plazo; 0 si una norma lo prohíbe. Vacío: hasta la mitad "
                                  "(Ley 19.880, artículo 26)")),
        Control(f"{term}.extension.source", gettext_lazy("Norma de esa ampliación o prohibición"), more=True),
        Control(f"{term}.halved_by_urgency", gettext_lazy("La urgencia lo reduce a la mitad"), "tick", default=True,
                more=True, hint=gettext_lazy("No, en los plazos para presentar solicitudes y recursos "
                                             "(Ley 19.880, artículo 63)")),
    )  # fmt: skip


UNITS: Choices = (
    ("business_days", gettext_lazy("días hábiles")),
    ("calendar_days", gettext_lazy("días corridos")),
    ("months", gettext_lazy("meses")),
    ("hours", gettext_lazy("horas")),
)
