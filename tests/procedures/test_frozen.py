"""Shared data cannot be changed in place, and keeps from one content to the next what did not change."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from procedures.frozen import FrozenDict, frozen, text_of

DATA: dict[str, Any] = {
    "code": "x",
    "pages": [{"id": "uno", "fields": [{"id": "a", "label": 'Ñandú "1"'}]}, {"id": "dos"}],
}


def test_frozen_data_cannot_be_changed_and_copies_of_them_can() -> None:
    data = frozen(DATA)
    changes: tuple[Callable[[], object], ...] = (
        lambda: data.update(code="y"),
        lambda: data.pop("code"),
        lambda: data["pages"].append({}),
        lambda: data["pages"].sort(),
        lambda: data["pages"][0].setdefault("title", ""),
        lambda: data["pages"].__delitem__(0),
        lambda: data.__setitem__("code", "y"),
    )
    for change in changes:
        with pytest.raises(TypeError):
            change()
    for copied in (copy.deepcopy(data), pickle.loads(pickle.dumps(data))):
        assert copied == DATA == data
        assert type(copied) is dict
        assert type(copied["pages"][0]) is not FrozenDict
        copied["pages"][0]["id"] = "tres"
    shallow = copy.copy(data)
    shallow["code"] = "y"
    assert data["code"] == "x"
    assert data["pages"][0]["id"] == "uno"


def test_what_did_not_change_is_the_same_object_wherever_it_stands_now() -> None:
    before = frozen(DATA)
    moved = copy.deepcopy(before)
    moved["pages"].reverse()
    moved["pages"].insert(0, {"id": "cero"})
    after = frozen(moved, before)
    assert after["pages"][1] is before["pages"][1]
    assert after["pages"][2] is before["pages"][0]
    assert frozen(copy.deepcopy(before), before) is before


@pytest.mark.parametrize(("was", "became"), [(1, True), (0, False), (1, 1.0), ([1], [True]), ({"a": 1}, {"a": True})])
def test_what_python_calls_equal_and_json_does_not_is_a_change(was: object, became: object) -> None:
    before = frozen({"id": "a", "default": was})
    assert text_of(frozen({"id": "a", "default": became}, before)) == json.dumps(
        {"id": "a", "default": became}, separators=(",", ":")
    )


def test_the_text_is_what_json_says_and_only_what_is_new_is_written_again() -> None:
    before = frozen(DATA)
    assert text_of(before) == json.dumps(DATA, ensure_ascii=False, separators=(",", ":"))
    after = frozen({**before, "pages": [before["pages"][0], {"id": "dos", "title": "Otra"}]}, before)
    assert text_of(after) == json.dumps(after, ensure_ascii=False, separators=(",", ":"))
    assert text_of(after["pages"][0]) is text_of(before["pages"][0])


def test_what_was_worked_out_of_a_part_is_worked_out_once() -> None:
    asked: list[str] = []

    def letters(data: FrozenDict, key: str) -> int:
        asked.append(key)
        return len(data[key])

    part = frozen({"id": "abc"})
    assert [part.remembered(letters, "id") for _turn in range(3)] == [3, 3, 3]
    assert asked == ["id"]
