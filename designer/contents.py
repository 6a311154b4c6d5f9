"""The contents of drafts as shared data: each is parsed once, and shares with the one before what did not change.

A process remembers the contents that it read or wrote last, by their text, so that another process may write a draft at
any time: what is read is always what the database holds. They are frozen: whoever changes one, changes a copy.
"""

from __future__ import annotations

import json
from typing import Any

from procedures.api import FrozenDict, frozen, written_data

MOST = 16
"""Contents that a process remembers, with their text."""
MOST_OF_ONE = 3
"""Of one procedure: each change is another content, and whoever types makes many."""
_RECENT: list[tuple[str, FrozenDict]] = []


def read(text: str) -> FrozenDict:
    """The content that a text says."""
    for known, content in tuple(_RECENT):
        if known == text:
            return content
    found = settled(json.loads(text))
    _remember(text, found)
    return found


def settled(content: Any) -> FrozenDict:
    """The same content as shared data."""
    if isinstance(content, FrozenDict):
        return content
    like = next((known for _text, known in tuple(_RECENT) if known.get("code") == content.get("code")), None)
    found: FrozenDict = frozen(content, like)
    if found is not like:
        _remember(written_data(found), found)
    return found


def _remember(text: str, content: FrozenDict) -> None:
    """Several threads may do it at once: what one of them forgets is read again."""
    others = [pair for pair in tuple(_RECENT) if pair[0] != text]
    own = [pair for pair in others if pair[1].get("code") == content.get("code")]
    rest = [pair for pair in others if pair[1].get("code") != content.get("code")]
    _RECENT[:] = [(text, content), *own[: MOST_OF_ONE - 1], *rest][:MOST]


def text_of(content: Any) -> str:
    """The content as JSON on one line."""
    for text, known in tuple(_RECENT):
        if known is content:
            return text
    return written_data(frozen(content))
