"""The ways between steps kept whole while steps come, go and change places. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from designer import tree
from designer.tree import Address, Data, all_steps

_WAYS = ("goto", "otherwise", "on_expire", "on_return")
JOIN = "join"


def thread(data: Data, address: Address) -> Data:
    """A new step put on the way of the one before it in its list: it goes where that one used to go."""
    changed = copy.deepcopy(data)
    steps, place = _siblings(changed, address)
    step = steps[place]
    after = steps[place + 1]["id"] if place + 1 < len(steps) else JOIN if len(address) > 2 else None
    before = steps[place - 1] if place else None
    if step["kind"] == "end":
        return changed
    if before is None or before["kind"] == "end" or "next" not in before:
        if "next" not in step and after:
            step["next"] = after
        return changed
    follows = onward(before)
    if "next" not in step and (follows or after):
        step["next"] = follows or after
    _redirect_default(before, step["id"])
    return changed


def swap_on_the_way(data: Data, address: Address, place: int) -> Data:
    """The flow after a step changes places with its neighbour, where the two simply follow each other."""
    changed = copy.deepcopy(data)
    steps, here = _siblings(changed, address)
    if abs(place - here) != 1 or not 0 <= place < len(steps):
        return changed
    first, second = steps[min(here, place)], steps[max(here, place)]
    if first.get("next") != second["id"] or not isinstance(second.get("next"), str) or first["kind"] == "start":
        return changed
    after = second["next"]
    _repoint(changed, first["id"], second["id"])
    second["next"], first["next"] = first["id"], after
    return changed


def heal_around(data: Data, address: Address) -> Data:
    """What led to a step leads to where the step leads, ready for its removal; an end or a start is left alone."""
    step = tree.get(data, address)
    target = onward(step)
    if not target or step["kind"] == "start" or target == step["id"]:
        return data
    changed = copy.deepcopy(data)
    _repoint(changed, step["id"], target)
    return changed


def list_around(address: Address) -> Address:
    """The address of the list in which a step stands; of one of its ways out, that of its step."""
    step = address[: len(address) - 1 - address[::-1].index("next")] if "next" in address else address
    return step[:-1]


def onward(step: Data) -> str:
    """Where a step goes when nothing else is said; empty for an end."""
    written = step.get("next")
    if isinstance(written, str):
        return written
    return next((way["otherwise"] for way in written or () if "otherwise" in way), "")


def _redirect_default(step: Data, target: str) -> None:
    if isinstance(step.get("next"), list):
        for way in step["next"]:
            if "otherwise" in way:
                way["otherwise"] = target
    else:
        step["next"] = target


def _repoint(data: Data, old: str, new: str) -> None:
    for _, step in all_steps(data):
        if step["id"] == old:
            continue
        for holder, key in _named_ways(step):
            if holder[key] == old:
                holder[key] = new


def _named_ways(step: Data) -> Iterator[tuple[Any, str]]:
    if isinstance(step.get("next"), str):
        yield step, "next"
    holders = [step, step.get("deadline") or {}, *(step["next"] if isinstance(step.get("next"), list) else ())]
    for holder in holders:
        yield from ((holder, key) for key in _WAYS if key in holder)


def _siblings(data: Data, address: Address) -> tuple[list[Data], int]:
    steps = tree.get(data, address[:-1])
    return steps, next(place for place, step in enumerate(steps) if step["id"] == address[-1])
