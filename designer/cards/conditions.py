"""A condition as sentences: rows of question, comparison and value, and groups of them inside one another."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import TypeAdapter, ValidationError

from designer.cards.asked import Asked
from designer.cards.offered import label_of, with_chosen
from designer.cards.scene import Scene
from designer.cards.values import problem_with, shown_value, typed_value
from procedures.api import (
    MOST_DEEP,
    OPERATOR_WORDS,
    OPERATORS_BY_TYPE,
    Bundle,
    Condition,
    Problem,
    RuleError,
    communes,
    condition_to_cel,
    describe,
    groups_of_cel,
)

MOST_ROWS = 20
MODES = (
    ("all", gettext_lazy("se cumple todo esto")),
    ("any", gettext_lazy("se cumple algo de esto")),
    ("none", gettext_lazy("no se cumple nada de esto")),
)
EXPERT = "expert"
ADD_GROUP, TO_SENTENCES, TO_CEL, DROP = "_grupo", "_frases", "_experto", "_quitar"
"""Buttons; their value is the name of the row, group or sentence that they are about."""
_CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)
_KEYS = tuple(key for key, _words in MODES)
_NO_VALUE = ("filled", "empty")
_MANY = ("in", "not_in")


@dataclass
class Row:
    """A row of a sentence as its controls show it, whose names begin with `name`."""

    name: str
    field: str = ""
    op: str = "eq"
    value: str = ""
    problem: str = ""
    operators: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    values: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    offer: Callable[[], str] = str
    """Writes the options of its list of questions; only a page that shows it asks for them."""

    @property
    def offered(self) -> str:
        """The options of its list of questions, with its own chosen."""
        return self.offer()

    @property
    def takes_value(self) -> bool:
        """Whether its comparison has something to compare with."""
        return self.op not in _NO_VALUE

    @property
    def takes_many(self) -> bool:
        """Whether it is compared with several values."""
        return self.op in _MANY

    @property
    def chosen(self) -> list[str]:
        """The values that are chosen among those there are."""
        return self.value.split(";") if self.takes_many else [self.value]


@dataclass
class Group:
    """Rows and other groups joined by `mode`: all, any or none of them."""

    name: str
    mode: str
    level: int = 1
    items: list[Row | Group] = dataclasses.field(default_factory=list)

    @property
    def is_group(self) -> bool:
        """Tells it from a row, for the page."""
        return True

    @property
    def may_hold_groups(self) -> bool:
        """Whether another group fits inside."""
        return self.level < MOST_DEEP and len(self.items) < MOST_ROWS

    def rows(self) -> Iterator[Row]:
        """Every row, those of its groups included."""
        for item in self.items:
            if isinstance(item, Group):
                yield from item.rows()
            else:
                yield item

    def next_name(self) -> str:
        """The name of one more item."""
        return f"{self.name}-{len(self.items)}"


@dataclass
class Sentence:
    """A condition of an item, on its way from and to its controls."""

    asked: Asked
    scene: Scene
    offer: Callable[[], str]
    """Writes the questions that may be asked about, by step, as options of a list."""
    root: Group
    """Its mode is "" for no condition, and "expert" for what sentences do not say."""
    expert: Any = None
    """A condition that no control shows."""
    cel: str = ""

    @property
    def prefix(self) -> str:
        """With which the names of its controls begin."""
        return self.asked.prefix

    @property
    def mode(self) -> str:
        """How it is joined; empty for no condition."""
        return self.root.mode

    @property
    def modes(self) -> tuple[tuple[str, Any], ...]:
        """The ways of joining."""
        return MODES

    @property
    def problems(self) -> list[Problem]:
        """Lines of the error summary."""
        return [Problem(f"{row.name}-value", row.problem) for row in self.root.rows() if row.problem]

    @property
    def words(self) -> str:
        """The condition read aloud; empty when there is none or it is not finished."""
        read = self.read
        if read is None:
            return ""
        return str(self.asked.sentence) % {"words": describe(read, self.scene.bundle)}

    @property
    def read(self) -> Any:
        """The condition as rules take it; None when there is none or it is not finished."""
        condition = self.condition()
        try:
            return _CONDITION.validate_python(condition) if condition is not None else None
        except ValidationError:
            return None

    @property
    def in_cel(self) -> str:
        """What sentences say, as CEL; empty while they cannot be written so."""
        read = self.read if self.mode in _KEYS else None
        try:
            return condition_to_cel(read, self.scene.bundle) if read is not None else ""
        except RuleError:
            return ""

    @property
    def in_words(self) -> str:
        """What an expression says, where sentences can say exactly the same; empty otherwise."""
        found = groups_of_cel(self.cel, self.scene.bundle) if self.mode == EXPERT and self.cel else None
        return describe(found, self.scene.bundle) if found is not None else ""

    def condition(self) -> dict[str, Any] | None:
        """The condition as the item holds it; None for none."""
        if self.mode == EXPERT:
            return {"cel": self.cel} if self.cel else self.expert
        return self._as_data(self.root) if self.mode in _KEYS else None

    def _as_data(self, group: Group) -> dict[str, Any] | None:
        """A group as data; one in which nothing was said is left out."""
        made = [self._as_data(item) if isinstance(item, Group) else self._row(item) for item in group.items]
        kept = [item for item in made if item]
        return {group.mode: kept} if kept else None

    def _row(self, row: Row) -> dict[str, Any] | None:
        if not row.field:
            return None
        if not row.takes_value:
            return {"field": row.field, "op": row.op}
        kind = self.scene.bundle.types.get(row.field, "text")
        values = [typed_value(kind, part) for part in row.value.split(";" if row.takes_many else "\0")]
        return {"field": row.field, "op": row.op, "value": values if row.takes_many else values[0]}


def sentence_of(scene: Scene, condition: Any, asked: Asked, offer: Callable[[], str]) -> Sentence:
    """The controls of a stored condition, with the questions that it may look at."""
    made = Sentence(asked, scene, offer, Group(asked.prefix, ""))
    if isinstance(condition, dict):
        _read_stored(made, condition)
    return _finished(made)


def typed_sentence(stored: Sentence, data: QueryDict) -> Sentence:
    """The same controls with what was typed in them, after the button that was pressed."""
    prefix, bundle = stored.prefix, stored.scene.bundle
    root = _typed_group(Group(prefix, data.get(f"{prefix}-mode", "")), data, bundle)
    made = Sentence(stored.asked, stored.scene, stored.offer, root, stored.expert)
    made.cel = str(data.get(f"{prefix}-cel", stored.cel)).strip()
    is_begun = any(root.rows()) or data.get(ADD_GROUP) == prefix
    if not root.mode and not stored.mode and is_begun:  # a sentence was begun: it is not thrown away
        root.mode = "all"
    if data.get(TO_SENTENCES) == prefix:
        _put_in_sentences(made)
    elif data.get(TO_CEL) == prefix and made.in_cel:
        made.cel, made.root.mode = made.in_cel, EXPERT
    return _finished(made)


def _finished(made: Sentence) -> Sentence:
    """With a blank row at the end of each group, and in each row the list of questions with its own chosen."""
    _add_blanks(made.root, made.scene.bundle)
    for row in made.root.rows():
        row.offer = partial(_offered_to, made, row)
    return made


def _offered_to(made: Sentence, row: Row) -> str:
    return with_chosen(made.offer(), row.field, made.scene)


def _read_stored(made: Sentence, condition: dict[str, Any]) -> None:
    try:
        _CONDITION.validate_python(condition)
    except ValidationError:
        is_plain = False
    else:
        is_plain = "cel" not in condition
    if is_plain:
        _read_group(made.root, condition, made.scene.bundle)
    else:
        made.root.mode, made.expert, made.cel = EXPERT, condition, str(condition.get("cel", ""))


def _read_group(group: Group, stored: dict[str, Any], bundle: Bundle) -> None:
    group.mode = next(key for key in _KEYS if key in stored)
    for item in stored[group.mode]:
        name = group.next_name()
        if "field" not in item:
            inner = Group(name, "", group.level + 1)
            _read_group(inner, item, bundle)
            group.items.append(inner)
            continue
        value = item.get("value")
        row = Row(name, item["field"], item["op"])
        kind = bundle.types.get(row.field, "")
        row.value = ";".join(shown_value(one, kind) for one in (value if isinstance(value, list | tuple) else [value]))
        _dress(row, bundle)
        group.items.append(row)


def _typed_group(group: Group, data: QueryDict, bundle: Bundle, sent: str = "") -> Group:
    """The items of a group that was sent under the name `sent`, without the one that is dropped."""
    sent = sent or group.name
    for number in range(MOST_ROWS):
        name, old = group.next_name(), f"{sent}-{number}"
        if data.get(DROP) == old:
            continue
        if f"{old}-mode" in data and group.level < MOST_DEEP:
            mode = data[f"{old}-mode"] if data[f"{old}-mode"] in _KEYS else "all"
            group.items.append(_typed_group(Group(name, str(mode), group.level + 1), data, bundle, old))
        elif data.get(f"{old}-field"):
            row = Row(name, str(data[f"{old}-field"]), data.get(f"{old}-op", "eq"))
            row.value = ";".join(map(str, data.getlist(f"{old}-value")))
            _dress(row, bundle)
            _check(row, bundle)
            group.items.append(row)
    if data.get(ADD_GROUP) == sent and group.may_hold_groups:
        group.items.append(Group(group.next_name(), "any" if group.mode != "any" else "all", group.level + 1))
    return group


def _put_in_sentences(made: Sentence) -> None:
    """Say an expression in sentences; one that they cannot say stays as it is."""
    found = groups_of_cel(made.cel, made.scene.bundle)
    if found is not None:
        made.root, made.cel = Group(made.prefix, ""), ""
        _read_group(made.root, found.model_dump(mode="json", exclude_none=True), made.scene.bundle)


def _add_blanks(group: Group, bundle: Bundle) -> None:
    for item in group.items:
        if isinstance(item, Group):
            _add_blanks(item, bundle)
    if len(group.items) < MOST_ROWS:
        blank = Row(group.next_name())
        _dress(blank, bundle)
        group.items.append(blank)


def _dress(row: Row, bundle: Bundle) -> None:
    """Give the row the comparisons and values of its question's type."""
    kind = bundle.types.get(row.field, "")
    allowed = OPERATORS_BY_TYPE.get(kind, frozenset(OPERATOR_WORDS))
    row.operators = [(op, words) for op, words in OPERATOR_WORDS.items() if op in allowed]
    row.values = answers_of(row.field, bundle)
    _recognise(row)


def answers_of(path: str, bundle: Bundle) -> list[tuple[str, str]]:
    """The answers that a datum may have, with their words; none when it is written freely."""
    kind = bundle.types.get(path, "")
    if kind in ("yes_no", "declaration"):
        return [("true", _("Sí")), ("false", _("No"))]
    if kind == "commune":
        return [(code, commune.name) for code, commune in communes().items()]
    if kind not in ("choice", "choices", "linked", "ranking"):
        return []
    try:
        return [(option.id, option.label) for option in bundle.field(path).options]
    except KeyError:
        return []


def _recognise(row: Row) -> None:
    """What was typed before the values were offered: the words of an option stand for it."""
    by_words = {words.lower(): value for value, words in row.values}
    if row.values:
        row.value = ";".join(by_words.get(part.strip().lower(), part.strip()) for part in row.value.split(";"))


def _check(row: Row, bundle: Bundle) -> None:
    if row.op not in dict(row.operators) and row.operators:
        row.op = row.operators[0][0]
    if not row.takes_value:
        return
    known = {value for value, _words in row.values}
    if not row.value:
        row.problem = _("Elige con qué se compara esa respuesta")
    elif row.values and not set(row.value.split(";")) <= known:
        row.problem = _("Elige una de las respuestas posibles: %(options)s") % {
            "options": ", ".join(words for _value, words in row.values[:8])
        }
    else:
        kind, label = bundle.types.get(row.field, ""), label_of(row.field, bundle)
        row.problem = next(filter(None, (problem_with(kind, part, label) for part in row.chosen)), "")
