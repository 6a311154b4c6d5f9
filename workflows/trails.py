"""What a draft notes of how it is filled in: seconds on each page, questions not answered well. No answer, no name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LONGEST_PAUSE = 1800
"""Seconds: whoever takes longer on a page went away meanwhile."""


@dataclass(frozen=True)
class Sent:
    """A page that was sent: its id, the questions whose answers were not accepted, and whether all was well."""

    page: str
    wrong: tuple[str, ...] = ()
    accepted: bool = True


def after(trail: Mapping[str, Any], sent: Sent, *, begun: datetime, now: datetime) -> dict[str, Any]:
    """The trail with one more page sent; `begun` is when the draft was opened."""
    last = datetime.fromisoformat(trail["at"]) if "at" in trail else begun
    pages, wrong = dict(trail.get("pages", {})), dict(trail.get("wrong", {}))
    spent = min(max(int((now - last).total_seconds()), 0), LONGEST_PAUSE)
    pages[sent.page] = pages.get(sent.page, 0) + spent
    for name in sent.wrong:
        wrong[name] = wrong.get(name, 0) + 1
    through = [*trail.get("through", [])]
    if sent.accepted and sent.page not in through:
        through.append(sent.page)
    return {"at": now.isoformat(), "pages": pages, "wrong": wrong, "through": through}
