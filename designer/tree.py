"""A procedure under construction as plain data: where each item stands, and the few ways to change it. Pure.

An address leads from the whole to an item by keys and ids: `forms/solicitud/pages/local/fields/comuna`. Items without
an id (blocks of a document, ways out of a step) are named by their place, counted from 0.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from designer.errors import ItemGone
from designer.numbers import plain_number
from procedures.api import RESERVED_IDS

Data = dict[str, Any]
Address = tuple[str, ...]
MAX_ID = 40


def parse(text: str) -> Address:
    """The address written in a link."""
    return tuple(part for part in text.split("/") if part)


def written(address: Address) -> str:
    """The address as a link writes it."""
    return "/".join(address)


def get(data: Any, address: Address) -> Any:
    """What stands at an address. Raises ItemGone when nothing does."""
    for part in address:
        data = _child(data, part)
    return data


def find(data: Any, address: Address) -> Any:
    """What stands at an address, or None."""
    try:
        return get(data, address)
    except ItemGone:
        return None


def position(data: Data, address: Address) -> int:
    """The place of an item in its list, counted from 0. Raises ItemGone."""
    return _index(get(data, address[:-1]), address[-1])


def joined(base: Any, mine: Any, theirs: Any) -> Data | None:
    """Two changes of an item in one; None where both changed the same key, each in its own way."""
    if not all(isinstance(one, dict) for one in (base, mine, theirs)):
        return None
    made = {}
    for key in {**theirs, **mine}:
        old, own, other = (one.get(key) for one in (base, mine, theirs))
        if old not in (own, other) and own != other:
            return None
        value = other if own == old else own
        if value is not None:
            made[key] = value
    return made


def fingerprint(item: Any) -> str:
    """A short digest of an item as it is: two people who saw the same have the same."""
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:16]


def put(data: Data, address: Address, item: Any) -> Data:
    """The data with another item at an address; at a key that did not exist, with a new one. Raises ItemGone."""
    if not address:
        return copy.deepcopy(item)
    changed, parent = _along(data, address[:-1])
    if isinstance(parent, list):
        parent[_index(parent, address[-1])] = copy.deepcopy(item)
    elif item is None:
        parent.pop(address[-1], None)
    else:
        parent[address[-1]] = copy.deepcopy(item)
    return changed


def insert(data: Data, into: Address, item: Any, place: int | None = None) -> Data:
    """The data with a new item in a list (at its end when no place is given). Raises ItemGone."""
    changed, parent = _along(data, into[:-1])
    if isinstance(parent, dict):
        target = parent[into[-1]] = list(parent.get(into[-1]) or ())
    else:
        place_of_list = _index(parent, into[-1])
        target = parent[place_of_list] = list(parent[place_of_list])
    target.insert(len(target) if place is None else place, copy.deepcopy(item))
    return changed


def remove(data: Data, address: Address) -> Data:
    """The data without an item. Raises ItemGone."""
    changed, parent = _along(data, address[:-1])
    if isinstance(parent, list):
        del parent[_index(parent, address[-1])]
    elif address[-1] in parent:
        del parent[address[-1]]
    else:
        raise ItemGone
    return changed


def _along(data: Data, address: Address) -> tuple[Data, Any]:
    """The data with what lies on the way to an address copied, and what stands there; all the rest is shared."""
    changed: Any = copy.copy(data)
    here = changed
    for part in address:
        inner = copy.copy(_child(here, part))
        here[_index(here, part) if isinstance(here, list) else part] = inner
        here = inner
    return changed, here


def move(data: Data, address: Address, into: Address, place: int) -> Data:
    """The data with an item taken to a place of a list, its own or another. Raises ItemGone."""
    item = get(data, address)
    without = remove(data, address)
    target = get(without, into)
    return insert(without, into, item, max(0, min(place, len(target))))


def new_id(label: str, taken: Iterable[str], fallback: str = "dato") -> str:
    """An id made from a label that nothing else has: «¿Cuál es tu RUN?» gives `cual_es_tu_run`."""
    plain = unicodedata.normalize("NFKD", label.lower()).encode("ascii", "ignore").decode()
    words = [word for word in re.split(r"[^a-z0-9]+", plain) if word]
    base = "_".join(words)
    while len(base) > MAX_ID - 5 and "_" in base:
        base = base.rpartition("_")[0]
    base = base[: MAX_ID - 5]
    if not base or not base[0].isalpha() or base in RESERVED_IDS or base.endswith("_path"):
        base = f"{fallback}_{base}".strip("_").removesuffix("_path")
    known, found, number = set(taken), base, 2
    while found in known:
        found, number = f"{base}_{number}", number + 1
    return found


def words_of(name: str) -> str:
    """An internal name in words that give it back: `monto_total` is «Monto total»; itself where they would not."""
    words = name.replace("_", " ").capitalize()
    return words if new_id(words, ()) == name else name


def ids(items: Any) -> set[str]:
    """The ids of the items of a list."""
    return {str(item["id"]) for item in items or () if isinstance(item, dict) and "id" in item}


def all_steps(data: Data) -> Iterator[tuple[Address, Data]]:
    """Every step with its address, those of branches after their block."""
    yield from _steps(data.get("steps"), ("steps",))


def fields_of_form(form: Data) -> Iterator[tuple[Address, Data]]:
    """Every question of a form with its address."""
    for page in form.get("pages") or ():
        for field in page.get("fields") or ():
            yield ("forms", form["id"], "pages", page["id"], "fields", field["id"]), field


def leaves(value: Any, address: Address = ()) -> Iterator[tuple[Address, Any]]:
    """Every plain value with its address."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*address, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*address, _name(inner, index)))
    else:
        yield address, value


def named(value: Any, address: Address = ()) -> Iterator[Address]:
    """The address of everything that has an id."""
    if isinstance(value, dict):
        if "id" in value:
            yield address
        for key, inner in value.items():
            yield from named(inner, (*address, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from named(inner, (*address, _name(inner, index)))


def address_of(data: Any, place: tuple[str | int, ...]) -> Address:
    """The address of what the publish gate names by places: forms.0.pages.2 is forms/solicitud/pages/local."""
    address: Address = ()
    for part in place:
        if isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
            address = (*address, _name(data, part))
        elif isinstance(data, dict) and part in data:
            data = data[str(part)]
            address = (*address, str(part))
        else:
            break
    return address


def _name(item: Any, index: int) -> str:
    return str(item["id"]) if isinstance(item, dict) and "id" in item else str(index)


def _child(data: Any, part: str) -> Any:
    if isinstance(data, dict):
        if part not in data:
            raise ItemGone
        return data[part]
    if isinstance(data, list):
        return data[_index(data, part)]
    raise ItemGone


def _index(items: Any, part: str) -> int:
    if not isinstance(items, list):
        raise ItemGone
    for index, item in enumerate(items):
        if isinstance(item, dict) and item.get("id") == part:
            return index
    place = plain_number(part, -1)
    if 0 <= place < len(items) and _name(items[place], place) == part:
        return place
    raise ItemGone


def _steps(steps: Any, address: Address) -> Iterator[tuple[Address, Data]]:
    for step in steps or ():
        here = (*address, step["id"])
        yield here, step
        for number, branch in enumerate(step.get("branches") or ()):
            yield from _steps(branch, (*here, "branches", str(number)))
        yield from _steps(step.get("steps"), (*here, "steps"))
