"""What a question may need to know beyond the answers. Nothing of it costs until it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from django.conf import settings

from legaltime.api import local_date, now

ProofState = Literal["none", "sent", "proved"]


@dataclass(frozen=True)
class Proof:
    """How far the person is in showing that an address is theirs."""

    state: ProofState = "none"
    lacking: str = ""
    """What keeps the page from going on."""
    said: str = ""
    """What became of the code that was just asked for."""


@dataclass(frozen=True)
class ListPlace:
    """Which lists a question may use: those of these agencies, the nearest first, as they were at a moment."""

    agency_ids: tuple[int, ...]
    at: datetime


def _no_proof(field_id: str, address: str) -> Proof:
    return Proof()


def _no_cases(procedure: str, only_open: bool) -> list[dict[str, str]]:
    return []


def _no_lists() -> ListPlace | None:
    return None


@dataclass(frozen=True)
class Around:
    """Whom to ask about what only other rooms know."""

    lists: Callable[[], ListPlace | None] = field(default=_no_lists)
    """Where its lists are: an application keeps those of when it began."""
    proof: Callable[[str, str], Proof] = field(default=_no_proof)
    """`proof(question id, address)`: whether the address was proved with a code."""
    own_cases: Callable[[str, bool], list[dict[str, str]]] = field(default=_no_cases)
    """`own_cases(procedure code or "", only those open)`: the person's applications, {"code", "label", "title"}."""
    commune: Callable[[], str] = field(default=str)
    """Gives the code of the commune whose map is shown; empty for none."""
    today: Callable[[], date] = field(default=lambda: local_date(now(), settings.TIME_ZONE))
    """The day from which limits such as "today" are counted."""


NOWHERE = Around()
"""Of previews and of forms that nobody files: no list, no proof."""
