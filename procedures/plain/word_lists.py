"""Lists kept as files: words of offices with plain ones, documents that the State holds, words of sensitive data."""

import csv
import re
from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).resolve().parent.parent / "data"


def jargon_in(text: str) -> list[tuple[str, str]]:
    """(words as written, plain ones or "" to leave them out) of what only offices say, in order."""
    return _found("jargon.csv", text)


def step_words(title: str) -> list[tuple[str, str]]:
    """(words as written, plain ones) of what offices call their own steps, in order."""
    return _found("step_words.csv", title)


def state_holder(text: str) -> tuple[str, str] | None:
    """(document, who holds it) of the first document in a text that the State already has; None without one."""
    found = _pattern("state_documents.csv").search(text)
    return (found.group(), dict(_rows("state_documents.csv"))[found.group().lower()]) if found else None


def sensitive_words(text: str) -> list[str]:
    """Words of a text that tell of sensitive data (Ley 19.628, art. 2 g)."""
    return [found.group() for found in _pattern("sensitive_words.csv").finditer(text)]


def _found(name: str, text: str) -> list[tuple[str, str]]:
    plain = dict(_rows(name))
    return [(one.group(), plain[one.group().lower()]) for one in _pattern(name).finditer(text)]


@lru_cache
def _rows(name: str) -> tuple[tuple[str, str], ...]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return tuple((row[0], row[1] if len(row) > 1 else "") for row in csv.reader(file) if row)


@lru_cache
def _pattern(name: str) -> re.Pattern[str]:
    """Whole words, the longest first."""
    listed = sorted((words for words, _plain in _rows(name)), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, listed)) + r")\b", re.IGNORECASE)
