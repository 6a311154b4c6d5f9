"""What a story must give from now on, read from what it gave. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Data = dict[str, Any]
SEPARATE = frozenset({"ends"})
"""Entries that are nothing but an expectation: another one takes their place."""


def with_expectations(story: Data, moments: Sequence[Mapping[str, Any]]) -> Data:
    """The story expecting after each entry what its moment shows. There is one moment for each entry."""
    told: list[Data] = []
    for entry, moment in zip(story["story"], moments, strict=True):
        if SEPARATE & entry.keys():
            told[-1]["expects"] = {**told[-1].get("expects", {}), **expected_of(moment)}
            continue
        plain = {key: value for key, value in entry.items() if key != "expects"}
        told.append({**plain, "expects": expected_of(moment)})
    return {**story, "story": told}


def expected_of(moment: Mapping[str, Any]) -> Data:
    """What one moment shows, as an entry expects it."""
    found: Data = {"open": sorted(task["step"] for task in moment["open"])}
    due = {task["step"]: task["due_on"] for task in moment["open"] if task["due_on"]}
    acts = [paper["title"] for paper in moment["papers"] if paper.get("in_force") and paper["number"]]
    for name, value in (("due", due), ("outcome", moment["outcome"]), ("acts", acts)):
        if value:
            found[name] = value
    notices = [sent["subject"] for sent in moment["sent"]]
    return {**found, "notices": notices} if notices else found


def was_played(story: Data, moments: Sequence[Mapping[str, Any]]) -> bool:
    """Whether every entry could be done."""
    return bool(moments) and len(moments) == len(story["story"]) and bool(moments[-1].get("done", True))


def parts_at(moments: Sequence[Mapping[str, Any]]) -> int | None:
    """Place of the first moment that was not as expected, from 0; None when every one was."""
    return next((place for place, moment in enumerate(moments) if moment["faults"]), None)
