"""A control of several rows with the same columns: the causes of a suspension, the data that a register keeps.

In the item it is a list of mappings, or, when its first column is a `name`, a mapping by that name: to the value of the
only other column, or to a mapping of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from designer.cards.scene import Choices, Scene, Words
from designer.renaming import is_name
from designer.tree import Data, new_id, words_of

MOST_ROWS = 60
NAME = "name"
"""Key of the column that names the rows of a mapping."""
_ID = "id"
YES = "yes"


@dataclass(frozen=True)
class Column:
    """What the rows say under one heading; without choices it is written."""

    key: str
    label: Words
    choices: Choices | Callable[[Scene], Choices] = ()
    optional: bool = False
    truth: bool = False
    """Whether it is a yes or nothing."""
    in_words: bool = False
    """Whether its internal names are shown, and may be written, in words."""

    def said(self, value: Any) -> str:
        """What a row holds, as the control says it."""
        if self.in_words and value:
            return words_of(str(value))
        return (YES if value is True else "") if self.truth else str(value or "")

    def held(self, typed: str) -> Any:
        """What was typed or chosen, as a row holds it."""
        return typed == YES if self.truth else typed


class TableWidget(forms.Widget):
    """The rows and a blank one."""

    template_name = "designer/table.html"
    use_fieldset = True

    def __init__(self, columns: tuple[Column, ...], scene: Scene) -> None:
        self.columns, self.scene = columns, scene
        super().__init__()

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[dict[str, str]] | None:
        """The rows that were sent; None when the page had no such control."""
        if f"{name}-0-{self.columns[0].key}" not in data:
            return None
        rows = [
            {column.key: str(data.get(f"{name}-{place}-{column.key}", "")).strip() for column in self.columns}
            for place in range(MOST_ROWS)
        ]
        return [row for row in rows if any(row.values())]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether the page had no such control."""
        return self.value_from_datadict(data, files, name) is None

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """The cells by row, each with its choices."""
        context: dict[str, Any] = super().get_context(name, None, attrs)
        rows = [*(value or []), {}]
        context["widget"]["rows"] = [
            [self._cell(name, place, column, row) for column in self.columns] for place, row in enumerate(rows)
        ]
        return context

    def _cell(self, name: str, place: int, column: Column, row: Mapping[str, Any]) -> dict[str, Any]:
        choices = column.choices(self.scene) if callable(column.choices) else column.choices
        value = column.said(row.get(column.key))
        return {
            "name": f"{name}-{place}-{column.key}", "label": column.label, "value": value, "choices": grouped(choices),
            "is_gone": bool(choices and value and value not in known(choices)), "number": place + 1,
        }  # fmt: skip


class TableField(forms.Field):
    """Rows that are whole, whose names are names and are not repeated."""

    def __init__(self, columns: tuple[Column, ...], scene: Scene) -> None:
        self.columns = columns
        super().__init__(widget=TableWidget(columns, scene))

    def clean(self, value: Any) -> list[dict[str, str]]:
        """The rows. ValidationError says what is missing."""
        rows: list[dict[str, str]] = value or []
        if self.columns[0].in_words:
            rows = self._named(rows)
        for number, row in enumerate(rows, 1):
            missing = [c.label for c in self.columns if c.key != _ID and not c.optional and not row[c.key]]
            if missing:
                text = _("En la fila %(n)s falta: %(what)s") % {"n": number, "what": ", ".join(map(str, missing))}
                raise forms.ValidationError(text)
        if self.columns[0].in_words:
            return rows
        names = [row[key] for row in rows for key in (NAME, _ID) if row.get(key)]
        if not all(map(is_name, names)) or len(set(names)) != len(names):
            raise forms.ValidationError(
                _("Los nombres van con minúsculas, números y guiones bajos, y no se repiten entre filas")
            )
        return rows

    def _named(self, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        """The rows with a name made of the words in their first column, which stay as the label where there is one."""
        made: list[dict[str, str]] = []
        for row in rows:
            typed = row[NAME]
            named = {**row, NAME: typed if is_name(typed) else new_id(typed, ())} if typed else row
            if typed and typed != words_of(named[NAME]) and named.get("label") == "":
                named["label"] = typed
            if named[NAME] and named[NAME] in {each[NAME] for each in made}:
                text = _("Hay dos filas con el mismo nombre: «%(name)s»") % {"name": typed}
                raise forms.ValidationError(text)
            made.append(named)
        return made


def rows_of(stored: Any, columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    """What an item holds, as rows."""
    if not isinstance(stored, dict):
        return [dict(row) for row in stored or ()]
    own = columns[1].key
    return [{NAME: name, **(value if isinstance(value, dict) else {own: value})} for name, value in stored.items()]


def as_stored(rows: list[dict[str, str]], columns: tuple[Column, ...]) -> Any:
    """The rows as the item holds them; a row without an id gets one from its words."""
    if columns[0].key == NAME and len(columns) == 2:
        return {row[NAME]: row[columns[1].key] for row in rows}
    if columns[0].key == NAME:
        return {row[NAME]: dict(_held(row, columns[1:])) for row in rows}
    made: list[Data] = []
    for row in rows:
        name = {_ID: row[_ID] or new_id(row["title"], {each[_ID] for each in made})} if _ID in row else {}
        blank = {column.key for column in columns if column.optional and not row[column.key]}
        made.append({key: value for key, value in {**row, **name}.items() if key not in blank})
    return made


def _held(row: Mapping[str, str], columns: tuple[Column, ...]) -> Iterator[tuple[str, Any]]:
    """The cells of a named row, without the optional ones that were left blank."""
    for column in columns:
        typed = row[column.key]
        if typed or not column.optional:
            yield column.key, column.held(typed)


def grouped(choices: Choices) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices as groups, for the page."""
    if choices and isinstance(choices[0][1], list | tuple):
        return [(str(title), list(options)) for title, options in choices]
    return [("", list(choices))] if choices else []


def known(choices: Choices) -> set[str]:
    """The values that may be chosen."""
    return {str(value) for _title, options in grouped(choices) for value, _words in options}
