"""Another internal name for an item, carried to everything that names it. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from designer import tree
from designer.references import Reference, is_of_a_row, references, row_paths, steps_with_form
from designer.tree import Address, Data
from procedures.api import RESERVED_IDS

_SHAPE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WRITTEN = frozenset({"text", "subject", "body"})
_Names = dict[tuple[str, str], str]


def problem_with(data: Data, address: Address, name: str) -> str:
    """Why an item cannot take a name, in a sentence that says what to do; empty when it can."""
    if not is_name(name):
        return _("Escribe el nombre interno con minúsculas, números y guiones bajos, comenzando por una letra.")
    if name != address[-1] and name in set(_taken(data, address)):
        return _("Otra parte de este trámite ya se llama «%(name)s». Elige otro nombre interno.") % {"name": name}
    return ""


def is_name(name: str) -> bool:
    """Whether a name has the shape that the schema asks."""
    is_free = name not in RESERVED_IDS and "__" not in name and not name.endswith("_path")
    return bool(_SHAPE.fullmatch(name)) and is_free


def renamed(data: Data, address: Address, name: str) -> Data:
    """The data with an item under another name. Raises ItemGone."""
    changed = copy.deepcopy(data)
    names = dict(_names(data, address, name))
    for use in references(data):
        if (use.kind, use.name) in names and _is_meant(use, address):
            _rewrite(changed, use, names[use.kind, use.name])
    if address[-2] == "options":
        _rewrite_answers(changed, list(_paths(data, address[:-2])), address[-1], name)
    tree.get(changed, address)["id"] = name
    _rewrite_translations(changed, address, name)
    return changed


def _is_meant(use: Reference, address: Address) -> bool:
    """Whether what names an item means it: a block over rows may have the name that the rows give to their own."""
    if use.kind not in ("data", "answers"):
        return True
    if address[0] == "steps":
        return not is_of_a_row(use)
    of_group = address[-2] == "fields" and len(address) == 6 and use.name.partition(".")[0] == address[-1]
    return not of_group or (is_of_a_row(use) and use.address[:2] == address[:2])


def _taken(data: Data, address: Address) -> Iterator[str]:
    """The names that the item must not repeat."""
    if address[0] == "steps":
        yield from (step["id"] for _at, step in tree.all_steps(data))
    elif address[0] == "forms" and len(address) == 6:
        yield from (field["id"] for _at, field in tree.fields_of_form(tree.get(data, address[:2])))
    else:
        yield from tree.ids(tree.get(data, address[:-1]))


def _names(data: Data, address: Address, name: str) -> Iterator[tuple[tuple[str, str], str]]:
    """How references name the item, and what they will say."""
    old = address[-1]
    if len(address) == 2 and address[0] == "fees":
        yield ("data", f"fee.{old}"), f"fee.{name}"
    elif len(address) == 2 and address[0] != "steps":
        yield (address[0], old), name
    elif address[0] == "steps":
        yield from (((kind, old), name) for kind in ("steps", "ways", "answers"))
        yield ("data", f"deadline.{old}"), f"deadline.{name}"
    elif address[-2] == "pages":
        yield ("pages", f"{address[1]}.{old}"), name
    elif address[-2] == "fields":
        for path in _paths(data, address):
            yield ("data", path), f"{path.rpartition('.')[0]}.{name}"
        if len(address) == 6:
            for inner in tree.get(data, address).get("fields") or ():  # what its rows call their own answers
                yield ("data", f"{old}.{inner['id']}"), f"{name}.{inner['id']}"


def _paths(data: Data, question: Address) -> Iterator[str]:
    """The data that a question gives: `step.question`; of a question in rows, those of the blocks over its group."""
    steps = steps_with_form(data, question[1])
    if len(question) == 6:
        yield from (f"{step}.{question[5]}" for step in steps)
    else:
        yield from row_paths(data, question)


def _rewrite(data: Data, use: Reference, name: str) -> None:
    holder, key = _leaf(data, use.address)
    holder[key] = _rewritten(use, str(holder[key]), name)


def _rewritten(use: Reference, text: str, name: str) -> str:
    if use.kind == "data" and text == use.name.rpartition(".")[2]:
        return name.rpartition(".")[2]
    if use.kind not in ("data", "answers"):
        return f"notified({name})" if text.startswith("notified(") else name
    if text == use.name:
        return name
    end = r"\." if use.kind == "answers" else r"\b"
    start = r"(\{\s*)" if use.address[-1] in _WRITTEN else r"(\b)"
    tail = "." if use.kind == "answers" else ""
    return re.sub(f"{start}{re.escape(use.name)}{end}", rf"\g<1>{name}{tail}", text)


def _leaf(data: Data, address: Address) -> tuple[Any, Any]:
    holder = tree.get(data, address[:-1])
    return holder, int(address[-1]) if isinstance(holder, list) else address[-1]


def _rewrite_answers(value: Any, paths: list[str], old: str, new: str) -> None:
    """An option under another name in what is compared with its question."""
    if isinstance(value, list):
        for item in value:
            _rewrite_answers(item, paths, old, new)
    elif isinstance(value, dict):
        if value.get("field", value.get("data")) in paths:
            for key in value.keys() & {"value", "equals"}:
                value[key] = _replaced(value[key], old, new)
        for key, inner in value.items():
            if key in ("cel", "formula") and any(path in str(inner) for path in paths):
                value[key] = re.sub(rf"""(['"]){re.escape(old)}\1""", rf"\g<1>{new}\g<1>", str(inner))
            _rewrite_answers(inner, paths, old, new)


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, list):
        return [new if item == old else item for item in value]
    return new if value == old else value


def _rewrite_translations(data: Data, address: Address, name: str) -> None:
    """The texts in other languages, which name what they translate by its ids."""
    old, new = ".".join(address), ".".join((*address[:-1], name))
    for language, texts in (data.get("translations") or {}).items():
        data["translations"][language] = {
            f"{new}{path[len(old) :]}" if f"{path}.".startswith(f"{old}.") else path: text
            for path, text in texts.items()
        }
