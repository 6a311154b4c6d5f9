"""How people fill in a procedure, from what their drafts note: counts of at least ten people, never one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models.functions import Coalesce

from accounts.models import Agency
from workflows.models import Draft

FEWEST_PEOPLE = 10
"""Fewer people than these tell of persons, not of the form."""
FIGURES_WINDOW = timedelta(days=30)
LEFT_AFTER = timedelta(days=2)
"""An application that nobody touched for so long was left where it stands."""
MOST_DRAFTS = 5000


@dataclass(frozen=True)
class Figures:
    """Of the last thirty days: people who began, and of each page those who left there and its usual seconds."""

    begun: int
    left: dict[str, int]
    """{page id: people who sent the page before and not this one}; "" where only signing was missing."""
    seconds: dict[str, int]
    """{page id: median}, of the pages that at least ten people sent."""
    wrong: dict[str, int]
    """{question id: people whose answer was not accepted at least once}."""


def form_figures(*, agency: Agency, code: str, pages: Sequence[str], now: datetime) -> Figures | None:
    """The figures of an application's form whose pages are these, in order; None with fewer than ten people.

    Of somebody who began several times only the last counts: a person is one, however often they try.
    """
    found = Draft.objects.filter(
        agency=agency, version__procedure__code=code, task=None, original=None, created_at__gte=now - FIGURES_WINDOW
    ).order_by("-created_at", "-pk")
    whose = Coalesce("attendance__person", "person")
    rows = [row for row in found.values_list("trail", "filed_at", "changed_at", whose)[:MOST_DRAFTS] if row[0]]
    rows = list({row[3]: row for row in reversed(rows)}.values())
    if len(rows) < FEWEST_PEOPLE:
        return None
    trails = [row[0] for row in rows]
    return Figures(
        begun=len(rows),
        left=dict(Counter(_left_at(row[0], pages) for row in rows if row[1] is None and row[2] < now - LEFT_AFTER)),
        seconds={page: _usual(trails, page) for page in pages if _seen(trails, page) >= FEWEST_PEOPLE},
        wrong=dict(Counter(name for one in trails for name in one["wrong"])),
    )


def _left_at(trail: dict[str, Any], pages: Sequence[str]) -> str:
    """The page after the last one that was accepted."""
    through = [place for place, page in enumerate(pages) if page in trail["through"]]
    following = (max(through) + 1) if through else 0
    return pages[following] if following < len(pages) else ""


def _seen(trails: list[dict[str, Any]], page: str) -> int:
    return sum(page in one["pages"] for one in trails)


def _usual(trails: list[dict[str, Any]], page: str) -> int:
    return int(median(one["pages"][page] for one in trails if page in one["pages"]))
