"""Who uses what inside a procedure under construction, so that nothing is removed under somebody's feet. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from designer.tree import Address, Data, all_steps, find, leaves

_NAMES = {
    "role": "roles",
    "signers": "roles",
    "form": "forms",
    "document": "documents",
    "attach": "documents",
    "notice": "notices",
    "amends": "steps",
    "requested_by": "steps",
    "on_return": "steps",
    "act": "steps",
    "required": "steps",
    "added_by": "roles",
    "verified_by": "roles",
    "same_as": "steps",
    "not_same_as": "steps",
}
"""Keys of steps that name something, and in which list that stands."""
_LAW_ROLES = frozenset({"officer", "signers", "superior", "hierarchical", "role"})
_PATHS = frozenset({"field", "key", "over", "until", "data", "sum_of", "address"})
"""Keys that hold a datum, as `step.question`."""
_MAPS = frozenset({"values", "inputs", "declared", "answers"})
"""Keys of steps that hold several such data, each under a name."""
_WAYS = frozenset({"next", "goto", "otherwise", "on_expire"})
_DATUM = re.compile(r"\{\s*([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)[^{}]*\}")
_IN_CEL = re.compile(r"\b([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\b")
_PATH = re.compile(r"^([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)$")
_NOTIFIED = re.compile(r"^notified\(([a-z0-9_]+)\)$")


@dataclass(frozen=True)
class Reference:
    """At `address` something of `kind` is named: a role, form, page, document, notice, step, way, or datum."""

    kind: str
    name: str
    address: Address


def references(data: Data) -> Iterator[Reference]:
    """Every name that one part of the procedure gives to another."""
    for address, value in leaves(data):
        if isinstance(value, str):
            yield from _of_leaf(data, address, value)


def users_of(data: Data, address: Address) -> list[Reference]:
    """What names the item at an address, or anything inside it, from outside."""
    wanted = set(_meant(data, address))
    size = len(address)
    return [item for item in references(data) if (item.kind, item.name) in wanted and item.address[:size] != address]


def _meant(data: Data, address: Address) -> Iterator[tuple[str, str]]:
    """How references name what stands at an address."""
    if address[0] in ("roles", "forms", "documents", "notices") and len(address) == 2:
        yield address[0], address[1]
    elif address[0] == "fees" and len(address) == 2:
        yield "data", f"fee.{address[1]}"
    elif address[0] == "steps":
        for inner, step in all_steps(data):
            if inner[: len(address)] == address:
                yield "steps", step["id"]
                yield "ways", step["id"]
                yield "answers", step["id"]
    elif address[6:7] == ("fields",) and len(address) > 7:
        yield from (("data", path) for path in row_paths(data, address))
    elif "fields" in address or "pages" in address:
        if len(address) == 4:
            yield "pages", f"{address[1]}.{address[3]}"
        yield from _questions(data, address)


def _questions(data: Data, address: Address) -> Iterator[tuple[str, str]]:
    form = data_at(data, address[:2])
    names = {
        field["id"]
        for page in form.get("pages") or ()
        for field in page.get("fields") or ()
        if page["id"] == address[3] and (len(address) < 6 or field["id"] == address[5])
    }
    for step in steps_with_form(data, address[1]):
        for name in names:
            yield "data", f"{step}.{name}"


def row_paths(data: Data, question: Address) -> Iterator[str]:
    """The data that a question of a row gives: to its row, and to the blocks over its group."""
    groups = {f"{step}.{question[5]}" for step in steps_with_form(data, question[1])}
    yield from (f"{step['id']}.{question[7]}" for _at, step in all_steps(data) if step.get("over") in groups)
    yield f"{question[5]}.{question[7]}"


def is_of_a_row(use: Reference) -> bool:
    """Whether a datum, named inside a row or by what adds rows up, is by its first word one of the rows of a group."""
    first = use.name.partition(".")[0]
    return use.address[-1] == "sum_of" or (use.address[6:7] == ("fields",) and use.address[5] == first)


def steps_with_form(data: Data, form_id: str) -> list[str]:
    """Ids of the steps at which a form is filled."""
    return [step["id"] for _, step in all_steps(data) if step.get("form") == form_id]


def _of_leaf(data: Data, address: Address, value: str) -> Iterator[Reference]:
    key = next((part for part in reversed(address) if not part.isdecimal()), "")
    place = address[0]
    if place == "law" and key in _LAW_ROLES:
        yield Reference("roles", value, address)
    if place == "law" and "documents" in address:
        yield Reference("documents", value, address)
    if place == "forms" and key == "at":
        yield from (Reference("data", f"{step}.{value}", address) for step in steps_with_form(data, address[1]))
    if place == "forms" and key == "goto":
        yield Reference("pages", f"{address[1]}.{value}", address)
    if place == "steps":
        yield from _of_step(data, address, key, value)
    if key == "step" and place == "documents":
        yield Reference("answers", value, address)
    elif place == "documents" and "fields" in address and "blocks" in address:
        block = data_at(data, address[:4])
        yield Reference("data", f"{block.get('step')}.{value}", address)
    if key in _PATHS or not _MAPS.isdisjoint(address):
        found = _PATH.match(value)
        if found:
            yield Reference("data", value, address)
            yield Reference("answers", found.group(1), address)
    elif key in ("text", "subject", "body", "cel", "formula"):
        for found in (_IN_CEL if key in ("cel", "formula") else _DATUM).finditer(value):
            yield Reference("data", f"{found.group(1)}.{found.group(2)}", address)
            yield Reference("answers", found.group(1), address)


def _of_step(data: Data, address: Address, key: str, value: str) -> Iterator[Reference]:
    if key in _WAYS:
        yield Reference("ways", value, address)
    elif key in _NAMES:
        yield Reference(_NAMES[key], value, address)
    elif key == "summary_field":
        yield Reference("data", f"{address[-2]}.{value}", address)
    elif key == "trigger" and (found := _NOTIFIED.match(value)):
        yield Reference("steps", found.group(1), address)


def data_at(data: Any, address: Address) -> Data:
    """The mapping at an address; empty when there is none."""
    found = find(data, address)
    return found if isinstance(found, dict) else {}
