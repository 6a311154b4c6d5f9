"""No cell of an export runs in a spreadsheet, whatever type of question it answers."""

from __future__ import annotations

import csv
import io

import pytest

from participation.views.open_data import table
from procedures.api import display_value
from procedures.fields import KINDS
from procedures.schema import Field
from tests.forms.sample import EVERY_TYPE
from workflows.bulk.sheets import write_csv

RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
NASTY = [f"{sign}1+1|'x'!A0" for sign in RUN]


def cells(content: bytes, delimiter: str) -> list[str]:
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter)
    return [cell for row in rows for cell in row]


def written(texts: list[str]) -> list[str]:
    """Every cell as each of the two exports writes it."""
    public = table("x.csv", ["a"], [[text] for text in texts]).content
    return cells(write_csv(["a"], [[text] for text in texts]), ";") + cells(public, ",")


def test_an_answer_of_any_type_is_only_text() -> None:
    asked = [field for field in map(Field.model_validate, EVERY_TYPE) if field.is_question and field.type != "group"]
    said = [display_value(field, KINDS[field.type].sample(field)) for field in asked]
    assert len(said) > 25
    assert [cell for cell in written(said) if cell.startswith(RUN)] == []


@pytest.mark.parametrize("text", NASTY)
def test_what_people_type_is_only_text(text: str) -> None:
    plain = Field.model_validate({"id": "a", "type": "text", "label": "A"})
    listed = Field.model_validate({"id": "a", "type": "listed", "label": "A", "list_code": "l"})
    said = [display_value(plain, text), display_value(listed, {"code": "x", "label": text, "list": "l", "version": 1})]
    assert [cell for cell in written(said) if cell.startswith(RUN)] == []


def test_the_control_would_run() -> None:
    assert all(text.startswith(RUN) for text in NASTY)
