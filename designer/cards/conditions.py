"""A condition as a sentence: rows of question, comparison and value, joined by «todo» or «algo»."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import TypeAdapter, ValidationError

from designer.cards.scene import Scene
from procedures.api import OPERATOR_WORDS, OPERATORS_BY_TYPE, Bundle, Condition, communes, describe

MOST_ROWS = 20
MOST_LETTERS = 70
"""Of a question's words in the list of those that a condition may look at."""
MODES = (("all", gettext_lazy("todo")), ("any", gettext_lazy("algo")))
_CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)
_NO_VALUE = ("filled", "empty")
_MANY = ("in", "not_in")


@dataclass
class Row:
    """A row of the sentence as its controls show it."""

    number: int
    field: str = ""
    op: str = "eq"
    value: str = ""
    problem: str = ""
    operators: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    values: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    @property
    def takes_value(self) -> bool:
        """Whether its comparison has something to compare with."""
        return self.op not in _NO_VALUE


@dataclass
class Sentence:
    """The condition of an item, on its way from and to its controls, whose names begin with `prefix`."""

    prefix: str
    scene: Scene
    known: list[tuple[str, list[tuple[str, str]]]]
    """The questions that may be asked about, by step."""
    always: str
    """Words for having no condition."""
    mode: str = ""
    """"" for none, "all", "any", or "expert" for what rows do not say."""
    rows: list[Row] = dataclasses.field(default_factory=list)
    expert: Any = None
    cel: str = ""

    @property
    def problems(self) -> list[dict[str, str]]:
        """Lines of the error summary."""
        return [
            {"target": f"{self.prefix}-{row.number}-value", "text": row.problem} for row in self.rows if row.problem
        ]

    @property
    def words(self) -> str:
        """The condition read aloud; empty when there is none or it is not finished."""
        return describe(self.read, self.scene.bundle) if self.read is not None else ""

    @property
    def read(self) -> Any:
        """The condition as rules take it; None when there is none or it is not finished."""
        condition = self.condition()
        try:
            return _CONDITION.validate_python(condition) if condition is not None else None
        except ValidationError:
            return None

    def condition(self) -> dict[str, Any] | None:
        """The condition as the item holds it; None for none."""
        if self.mode == "expert":
            return {"cel": self.cel} if self.cel else self.expert
        rows = [self._as_data(row) for row in self.rows if row.field]
        return {self.mode: rows} if self.mode in ("all", "any") and rows else None

    def _as_data(self, row: Row) -> dict[str, Any]:
        if not row.takes_value:
            return {"field": row.field, "op": row.op}
        kind = self.scene.bundle.types.get(row.field, "text")
        values = [_typed(kind, part.strip()) for part in row.value.split(";" if row.op in _MANY else "\0")]
        return {"field": row.field, "op": row.op, "value": values if row.op in _MANY else values[0]}


def sentence_of(scene: Scene, condition: Any, prefix: str, steps: set[str] | None, always: str) -> Sentence:
    """The controls of a stored condition; `steps` are those whose answers are known there (None for all)."""
    made = Sentence(prefix, scene, known_data(scene.bundle, steps, scene.address), always)
    if isinstance(condition, dict):
        _read_stored(made, condition)
    _add_blank(made)
    return made


def typed_sentence(stored: Sentence, data: QueryDict) -> Sentence:
    """The same controls with what was typed in them."""
    made = Sentence(stored.prefix, stored.scene, stored.known, stored.always, data.get(f"{stored.prefix}-mode", ""))
    made.expert, made.cel = stored.expert, data.get(f"{stored.prefix}-cel", stored.cel).strip()
    dropped = data.get("_quitar", "")
    for number in range(MOST_ROWS):
        name = f"{stored.prefix}-{number}"
        if data.get(f"{name}-field") and dropped != name:
            row = Row(len(made.rows), str(data[f"{name}-field"]), data.get(f"{name}-op", "eq"))
            row.value = ";".join(map(str, data.getlist(f"{name}-value")))
            _dress(row, made.scene.bundle)
            _check(row, made.scene.bundle)
            made.rows.append(row)
    _add_blank(made)
    return made


def known_data(
    bundle: Bundle, steps: set[str] | None, address: tuple[str, ...]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """The answers that a condition may look at, by step; of the question's own form, those before it."""
    groups = []
    forms = {form.id for form in bundle.forms}
    for step in bundle.all_steps():
        form = getattr(step, "form", None)
        if (steps is not None and step.id not in steps) or step.kind == "correction":
            continue
        options = []
        for question in bundle.fields_of(step.id) if form in forms else ():
            if address[:1] == ("forms",) and address[-1] == question.id and form == address[1]:
                break
            if question.is_question:
                options.append((f"{step.id}.{question.id}", _short(question.label)))
        if step.kind == "lookup":
            options += [(path, path) for path in bundle.types if path.startswith(f"{step.id}.")]
        if options:
            groups.append((step.title, options))
    return groups


def _short(label: str) -> str:
    """The words of a question as a list of hundreds shows them."""
    return label if len(label) <= MOST_LETTERS else f"{label[: MOST_LETTERS - 1]}…"


def _read_stored(made: Sentence, condition: dict[str, Any]) -> None:
    mode = next((key for key in ("all", "any") if key in condition), "")
    items = condition.get(mode) or []
    if not mode or any("field" not in item for item in items):
        made.mode, made.expert, made.cel = "expert", condition, str(condition.get("cel", ""))
        return
    made.mode = mode
    for item in items:
        value = item.get("value")
        row = Row(len(made.rows), item["field"], item["op"])
        row.value = ";".join(map(_shown, value)) if isinstance(value, list) else _shown(value)
        _dress(row, made.scene.bundle)
        made.rows.append(row)


def _add_blank(made: Sentence) -> None:
    if len(made.rows) < MOST_ROWS:
        blank = Row(len(made.rows))
        _dress(blank, made.scene.bundle)
        made.rows.append(blank)


def _dress(row: Row, bundle: Bundle) -> None:
    """Give the row the comparisons and values of its question's type."""
    kind = bundle.types.get(row.field, "")
    allowed = OPERATORS_BY_TYPE.get(kind, frozenset(OPERATOR_WORDS))
    row.operators = [(op, words) for op, words in OPERATOR_WORDS.items() if op in allowed]
    if kind in ("yes_no", "declaration"):
        row.values = [("true", _("Sí")), ("false", _("No"))]
    elif kind in ("choice", "choices"):
        try:
            row.values = [(option.id, option.label) for option in bundle.field(row.field).options]
        except KeyError:
            row.values = []
    elif kind == "commune":
        row.values = [(code, commune.name) for code, commune in communes().items()]
    _recognise(row)


def _recognise(row: Row) -> None:
    """What was typed before the values were offered: the words of an option stand for it."""
    by_words = {words.lower(): value for value, words in row.values}
    if row.values:
        row.value = ";".join(by_words.get(part.strip().lower(), part.strip()) for part in row.value.split(";"))


def _check(row: Row, bundle: Bundle) -> None:
    if row.op not in dict(row.operators):
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


def _typed(kind: str, text: str) -> Any:
    if kind in ("yes_no", "declaration"):
        return text == "true"
    if kind in ("integer", "money_clp"):
        plain = text.replace(".", "").replace("$", "").strip()
        return int(plain) if plain.lstrip("-").isdecimal() else text
    if kind == "decimal":
        plain = text.replace(",", ".")
        return int(plain) if plain.lstrip("-").isdecimal() else plain
    return text


def _shown(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
