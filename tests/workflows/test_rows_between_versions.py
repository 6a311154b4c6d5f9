"""Rows that were answered, when another version asks other things in them."""

from __future__ import annotations

from typing import Any

import pytest

from procedures.api import Field
from workflows.versions.fitting import still_holds

ROWS = [{"id": "a1", "nombre": "Ana", "edad": "30"}]


def _group(*inner: dict[str, Any]) -> Field:
    return Field.model_validate({"id": "socios", "type": "group", "label": "Socios", "fields": inner})


KIND: dict[str, Any] = {
    "id": "clase",
    "type": "choice",
    "label": "Clase",
    "options": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}],
}
NAME: dict[str, Any] = {"id": "nombre", "type": "text", "label": "Nombre"}
OLD = _group(NAME, {"id": "edad", "type": "text", "label": "Edad"})


@pytest.mark.parametrize(
    ("inner", "holds"),
    [
        ([NAME, {"id": "edad", "type": "text", "label": "¿Cuántos años tiene?"}], True),
        (
            [NAME, {"id": "edad", "type": "text", "label": "Edad"}, {"id": "foto", "type": "file", "label": "Foto"}],
            True,
        ),
        ([NAME, {"id": "edad", "type": "integer", "label": "Edad"}], False),
        ([NAME], False),
    ],
)
def test_rows_go_over_only_where_each_question_still_takes_their_answer(
    inner: list[dict[str, Any]], holds: bool
) -> None:
    assert still_holds(OLD, _group(*inner), ROWS) is holds


def test_an_option_that_a_row_chose_and_is_gone_does_not_go_over() -> None:
    old, new = _group(KIND), _group({**KIND, "options": [{"id": "a", "label": "A"}, {"id": "c", "label": "C"}]})
    assert still_holds(old, new, [{"id": "r1", "clase": "a"}])
    assert not still_holds(old, new, [{"id": "r1", "clase": "b"}])
