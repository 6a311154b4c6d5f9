"""What browsers send, and stored answers in that same shape."""

from collections.abc import Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict

from procedures.fields import kind_of
from procedures.fields.places import TOUCHED
from procedures.schema import Bundle, Field
from procedures.visibility import Scope, answered_step

SEEN = "_visto"
"""Marks of the questions that the person had on screen."""
CHANGE = "_change"
"""The button that adds or removes a row or a file: "add:socios", "remove:socios:1a2b", "drop:cuenta"; or shows a map
from nearer: "zoom:lugar:2"."""


def stored_data(bundle: Bundle, step_id: str, answers: Scope) -> MultiValueDict[str, str]:
    """The stored answers of a step as a browser would send them."""
    given = answers.get(answered_step(bundle, step_id), {})
    data: MultiValueDict[str, str] = MultiValueDict()
    for question in bundle.fields_of(step_id):
        if question.id in given and question.type == "group":
            for row in given[question.id]:
                data.appendlist(f"{question.id}-rows", str(row["id"]))
                _add_stored(data, question.fields, row, f"{question.id}-{row['id']}-")
    _add_stored(data, bundle.fields_of(step_id), given, "")
    return data


def _add_stored(
    data: MultiValueDict[str, str], questions: tuple[Field, ...], given: Mapping[str, Any], prefix: str
) -> None:
    for question in questions:
        if question.is_question and question.type != "group" and given.get(question.id) is not None:
            for name, values in kind_of(question).as_data(prefix + question.id, given[question.id]).items():
                data.setlist(name, values)


def as_lists(data: Any) -> MultiValueDict[str, str] | None:
    """A copy that may be changed, of a request's data or of a plain dictionary."""
    if data is None:
        return None
    if isinstance(data, MultiValueDict):
        return MultiValueDict({name: list(values) for name, values in data.lists()})
    return MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in data.items()})


def change_of(data: MultiValueDict[str, str] | None) -> list[str]:
    """The change that a button asks for, in its parts; empty when the person goes on. A touched map is one too."""
    if data is None:
        return []
    if CHANGE in data:
        return str(data[CHANGE]).split(":")
    touched = next((name for name in data if name.endswith(f"{TOUCHED}.x")), None)
    return ["touch", touched.removesuffix(f"{TOUCHED}.x")] if touched else []
