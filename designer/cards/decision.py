"""The card of a decision table: a column for each datum that is looked at, and one for each result.

One row, and no more, must hold for each case; so the order of the rows decides nothing.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from designer.cards.conditions import answers_of
from designer.cards.offered import data_choices, label_of
from designer.cards.scene import Choices, Scene
from designer.cards.steps import FACT_TYPES
from designer.cards.table import grouped
from designer.cards.values import problem_with, shown_value, typed_value
from designer.numbers import plain_number
from designer.renaming import is_name
from designer.tree import Data, new_id, words_of
from procedures.api import TABLE_ORDERED, TABLE_SHAPES, Problem, findings_of_table, shape_of

MOST_ROWS, MOST_COLUMNS = 200, 20
ROW_BUTTON, COLUMN_BUTTON, RESULT_BUTTON = "_fila", "_columna", "_resultado"
_MOVES = {"subir": -1, "bajar": 1}


@dataclass
class Column:
    """A datum that the table looks at."""

    number: int
    path: str
    label: str
    kind: str
    answers: list[tuple[str, str]]
    sent: int
    """Its number on the page that was sent."""

    @property
    def is_ordered(self) -> bool:
        """Whether its values may be bounded."""
        return self.kind in TABLE_ORDERED


@dataclass
class Cell:
    """What one row asks of one datum, as its controls show it."""

    name: str
    column: Column
    chosen: list[str] = dataclasses.field(default_factory=list)
    """Values that serve: of the answers there are, or written."""
    low: str = ""
    high: str = ""
    is_blank: bool = False
    """Whether it serves when there is no answer."""
    problem: str = ""

    @property
    def written(self) -> str:
        """The values that serve, where they are written."""
        return "; ".join(self.chosen)

    def data(self) -> Data:
        """The cell as the table holds it; only its datum when it asks nothing."""
        made: Data = {"data": self.column.path}
        equals = [typed_value(self.column.kind, value) for value in self.chosen if self._is_read(value)]
        made |= {"equals": equals} if equals else {}
        for key, text in (("min", self.low), ("below", self.high)):
            if text and self._is_read(text):
                made[key] = typed_value(self.column.kind, text)
        return made | ({"empty": True} if self.is_blank else {})

    def _is_read(self, text: str) -> bool:
        """Whether what was typed is a value of the datum; what is not is told, and stays out."""
        problem = problem_with(self.column.kind, text, self.column.label)
        self.problem = problem or self.problem
        return not problem


@dataclass
class Result:
    """A value that the table gives."""

    number: int
    name: str = ""
    kind: str = "text"
    sent: int = 0

    @property
    def words(self) -> str:
        """Its name in words."""
        return words_of(self.name)


@dataclass
class Row:
    """A row with its cells, its results, and what is wrong with it."""

    number: int
    cells: list[Cell]
    gives: list[tuple[Result, str]]
    stored: Data
    findings: list[str] = dataclasses.field(default_factory=list)

    @property
    def place(self) -> int:
        """Its number, from 1."""
        return self.number + 1

    @property
    def results(self) -> list[tuple[Result, str, str]]:
        """Each result with what it gives, and what to write instead where that is none of its type."""
        return [(one, text, problem_with(one.kind, text, one.words) if text else "") for one, text in self.gives]

    def data(self) -> Data:
        """The row as the table holds it; its cells in the order that they had, so that nothing changes by itself."""
        said = {cell.column.path: cell.data() for cell in self.cells}
        before = [cell for cell in self.stored.get("when") or () if cell.get("data") in said]
        kept = [said.pop(cell["data"]) for cell in before if len(said[cell["data"]]) > 1 or len(cell) == 1]
        when = [*kept, *(cell for cell in said.values() if len(cell) > 1)]
        then = {
            result.name: typed_value(result.kind, text) for result, text, wrong in self.results if text and not wrong
        }
        return ({"when": when} if when else {}) | {"then": then}


@dataclass
class DecisionTable:
    """A table on its way from and to its controls."""

    scene: Scene
    columns: list[Column]
    results: list[Result]
    rows: list[Row]

    @property
    def blank_result(self) -> Result:
        """The controls of one more result."""
        return Result(len(self.results))

    @property
    def types(self) -> Choices:
        """The types that a result may have."""
        return FACT_TYPES

    @property
    def other_data(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The data that the table does not look at yet, by step."""
        taken, types = {column.path for column in self.columns}, self.scene.bundle.types
        found = [
            (title, [(path, words) for path, words in group
                     if path not in taken and shape_of(types[path]) in TABLE_SHAPES])
            for title, group in grouped(data_choices(self.scene))
        ]  # fmt: skip
        return [(title, group) for title, group in found if group]

    @property
    def problems(self) -> list[Problem]:
        """Lines of the error summary."""
        cells = [cell for row in self.rows for cell in row.cells if cell.problem]
        wrong = [
            Problem(f"f-{row.number}-da-{result.number}", text)
            for row in self.rows for result, _typed, text in row.results if text
        ]  # fmt: skip
        return [*(Problem(f"{cell.name}-desde", cell.problem) for cell in cells), *wrong]

    @property
    def findings(self) -> list[str]:
        """What is wrong with the whole table; what is wrong with a row is put beside it."""
        whole = []
        for row in self.rows:
            row.findings = []
        for place, text in findings_of_table(self.scene.bundle, str(self.scene.item.get("id"))):
            if place is None or place >= len(self.rows):
                whole.append(text.replace(f"'{self.scene.item.get('id')}'", _("esta tabla")))
            else:
                self.rows[place].findings.append(text.replace(f" de '{self.scene.item.get('id')}'", ""))
        return whole

    def data(self) -> Data:
        """The table as the step holds it. A column that no row asks about yet stands in the first one."""
        rows = [row.data() for row in self.rows]
        asked = {cell["data"] for row in rows for cell in row.get("when", ())}
        unasked = [{"data": column.path} for column in self.columns if column.path not in asked]
        if rows and unasked:
            rows[0] = {"when": [*rows[0].get("when", ()), *unasked], **{"then": rows[0]["then"]}}
        return {"values": {result.name: result.kind for result in self.results}, "rows": rows}


def table_of(scene: Scene) -> DecisionTable:
    """The controls of a stored table."""
    stored = scene.item.get("rows") or []
    paths = dict.fromkeys(cell["data"] for row in stored for cell in row.get("when") or ())
    columns = [_column(scene, number, path, number) for number, path in enumerate(paths)]
    values = scene.item.get("values") or {}
    results = [Result(number, name, str(kind), number) for number, (name, kind) in enumerate(values.items())]
    rows = []
    for number, row in enumerate(stored):
        asked = {cell["data"]: cell for cell in row.get("when") or ()}
        cells = [_stored_cell(f"f-{number}-{column.number}", column, asked.get(column.path, {})) for column in columns]
        gives = [(result, shown_value((row.get("then") or {}).get(result.name), result.kind)) for result in results]
        rows.append(Row(number, cells, gives, row))
    return DecisionTable(scene, columns, results, rows)


def _column(scene: Scene, number: int, path: str, sent: int) -> Column:
    kind = scene.bundle.types.get(path, "text")
    return Column(number, path, label_of(path, scene.bundle), kind, answers_of(path, scene.bundle), sent)


def _stored_cell(name: str, column: Column, cell: Data) -> Cell:
    chosen = [shown_value(value, column.kind) for value in cell.get("equals") or ()]
    low, high = (shown_value(cell.get(key), column.kind) for key in ("min", "below"))
    return Cell(name, column, chosen, low, high, bool(cell.get("empty")))


def is_sent(data: QueryDict | None) -> bool:
    """Whether the page had the table."""
    return data is not None and "tabla" in data


def typed_table(scene: Scene, data: QueryDict) -> DecisionTable:
    """The same controls with what was typed in them, after the button that was pressed."""
    columns = [_column(scene, n, path, sent) for n, (sent, path) in enumerate(_sent_columns(data))]
    results = _sent_results(data)
    stored = scene.item.get("rows") or []
    rows = []
    for number, sent in enumerate(_sent_rows(data)):
        cells = [_sent_cell(f"f-{number}-{one.number}", one, f"f-{sent}-{one.sent}", data) for one in columns]
        gives = [(result, str(data.get(f"f-{sent}-da-{result.sent}", "")).strip()) for result in results]
        rows.append(Row(number, cells, gives, stored[sent] if 0 <= sent < len(stored) else {}))
    return DecisionTable(scene, columns, results, rows)


def _sent_columns(data: QueryDict) -> list[tuple[int, str]]:
    pressed, numbers = data.get(COLUMN_BUTTON, ""), range(MOST_COLUMNS)
    found = [(n, str(data[f"col-{n}"])) for n in numbers if f"col-{n}" in data and pressed != f"quitar:{n}"]
    wanted = str(data.get("columna-nueva", ""))
    return [*found, (-1, wanted)] if wanted and wanted not in {path for _n, path in found} else found


def _sent_results(data: QueryDict) -> list[Result]:
    """The results with their names; words that are no name become one."""
    found: list[Result] = []
    for sent in range(MOST_COLUMNS):
        before = str(data.get(f"da-{sent}-antes", ""))
        typed = str(data.get(f"da-{sent}-nombre", "")).strip()
        typed = before if typed in ("", words_of(before)) else typed
        if not typed or data.get(RESULT_BUTTON) == f"quitar:{sent}":
            continue
        taken = {one.name for one in found}
        name = typed if is_name(typed) and typed not in taken else new_id(typed, taken, "resultado")
        kind = str(data.get(f"da-{sent}-tipo", "text"))
        found.append(Result(len(found), name, kind if kind in dict(FACT_TYPES) else "text", sent))
    return found


def _sent_rows(data: QueryDict) -> list[int]:
    """The numbers that the rows had on the page, in their new order; -1 for a new one."""
    numbers = [number for number in range(MOST_ROWS) if f"f-{number}" in data]
    act, _colon, place = str(data.get(ROW_BUTTON, "")).partition(":")
    here = plain_number(place, -1)
    if act == "otra":
        return [*numbers, -1][:MOST_ROWS]
    if act == "quitar":
        return [number for number in numbers if number != here]
    there = here + _MOVES.get(act, 0)
    if act in _MOVES and 0 <= here < len(numbers) and 0 <= there < len(numbers):
        numbers[here], numbers[there] = numbers[there], numbers[here]
    return numbers


def _sent_cell(name: str, column: Column, sent: str, data: QueryDict) -> Cell:
    values = data.getlist(f"{sent}-es")
    chosen = values if column.answers else [part for value in values for part in str(value).split(";")]
    low, high = (str(data.get(f"{sent}-{key}", "")).strip() for key in ("desde", "hasta"))
    kept = [str(value).strip() for value in chosen if str(value).strip()]
    return Cell(name, column, kept, low, high, f"{sent}-vacio" in data)
