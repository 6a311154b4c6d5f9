"""The answers that a rule may read from where a task stands: inside a `for_each`, those of its own row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from procedures.api import Bundle, ForEachStep, display_value
from workflows.models import Case, CaseTask

Row = dict[str, Any]
"""{"id": row id, question id: answer…, step id: {question id: answer…}}."""


def data_for(case: Case, task: CaseTask) -> Mapping[str, Any]:
    """{step: {question: answer}} as rules of this task's step read it."""
    bundle: Bundle = case.flow_class.bundle
    data: dict[str, Any] = case.data
    block = bundle.loops.get(task.step_id)
    if block is None:
        return data
    row = row_of(case, block, task.occurrence)
    answered = {name: value for name, value in row.items() if name in bundle.loops}
    return {**data, **answered, block.id: {**data.get(block.id, {}), **row}}


def row_of(case: Case, block: ForEachStep, place: int) -> Row:
    """The row of a branch, counted from 1; empty where there is none."""
    rows: list[Row] = case.data.get(block.id, {}).get("rows", [])
    return rows[place - 1] if 0 < place <= len(rows) else {}


def with_row(data: Mapping[str, Any], block: ForEachStep, place: int, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a case with something added to one row of a block."""
    held = data[block.id]
    rows = [{**row, **changed} if number == place else row for number, row in enumerate(held["rows"], 1)]
    return {**data, block.id: {**held, "rows": rows}}


def row_name(bundle: Bundle, block: ForEachStep, row: Row, place: int) -> str:
    """What a row is called on screen: its first short answer, else "Socio 2"."""
    group = bundle.field(block.over)
    for field in group.fields:
        if field.type in ("text", "run", "rut") and row.get(field.id):
            return display_value(field, row[field.id])
    return f"{group.row_title or group.label} {place}"


def summary_of_rows(bundle: Bundle, block: ForEachStep, rows: list[Row]) -> str:
    """What was answered about each row, a line for each."""
    lines = []
    for place, row in enumerate(rows, 1):
        said = [
            f"{field.label}: {display_value(field, row[step_id][field.id])}"
            for step_id in (inner for inner, around in bundle.loops.items() if around == block)
            for field in bundle.fields_of(step_id)
            if field.id in row.get(step_id, {})
        ]
        lines.append(f"{row_name(bundle, block, row, place)}. {'; '.join(said)}")
    return "\n".join(lines)
