"""Writes: translations of the texts of a draft, each kept on its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.models import Person
from designer import operations, tree
from designer.models import ProcedureDraft
from designer.translating import memory
from designer.translating.rules import Words, problem_with, spanish_of, translatable, with_words, words_of
from designer.tree import Address, Data

MOST_LETTERS = 20_000


@dataclass(frozen=True)
class Typed:
    """What somebody typed for a text; `seen` is the fingerprint of the translation that the page showed."""

    path: str
    text: str
    seen: str
    is_right: bool = False
    """Whether the translation is said to serve for the Spanish as it is now."""


@dataclass
class Kept:
    """How the keeping went."""

    draft: ProcedureDraft
    written: list[str] = field(default_factory=list)
    """Paths of what is now as it was typed."""
    changed: list[str] = field(default_factory=list)
    """Paths that somebody else translated meanwhile: theirs stays."""
    gone: list[str] = field(default_factory=list)
    """Paths of texts that are not there any more."""
    long: list[str] = field(default_factory=list)
    """Paths of what is longer than a text may be."""
    strange: dict[str, str] = field(default_factory=dict)
    """Paths of what names data that its Spanish lacks, each with what is wrong."""


@transaction.atomic
def translate(
    *, draft: ProcedureDraft, language: str, typed: Iterable[Typed], by: Person, now: datetime, summary: str = ""
) -> Kept:
    """Keep what was typed for texts in a language; an empty one takes its translation away. Raises ItemGone.

    A text that the person left as the page showed it is not touched, whatever somebody else made of it meanwhile.
    With a `summary` it is a change of its own in the history, to be taken back at once.
    """
    kept = Kept(operations.lock_draft(draft=draft, by=by, now=now))
    content = kept.draft.content
    known, words = {text.path: text.text for text in translatable(content)}, words_of(content, language)
    right = []
    for one in typed:
        if _take(one, known, words, kept):
            right.append(one.path)
    kept.draft = _put(kept, with_words(content, language, words), summary, by, now)
    if right:
        memory.confirm(kept.draft, language, {path: words[path] for path in right}, spanish_of(kept.draft.content))
    return kept


def _put(kept: Kept, made: Data | None, summary: str, by: Person, now: datetime) -> ProcedureDraft:
    whole: Address = ("translations",)
    if not summary or not kept.written:
        return operations.put_item(draft=kept.draft, address=whole, item=made, seen="", by=by, now=now)
    return operations.edit_with(
        draft=kept.draft, change=lambda content: tree.put(content, whole, made), address=(), summary=summary,
        by=by, now=now,
    )  # fmt: skip


def _take(one: Typed, known: Words, words: dict[str, str], kept: Kept) -> bool:
    """Put what was typed among the words, unless it may not be; whether it is said to serve for the present Spanish."""
    present = words.get(one.path, "")
    if one.text == present or one.seen == seen_of(one.text):
        return one.is_right and one.path in known and bool(present) and one.text == present
    if one.path not in known:
        kept.gone.append(one.path)
    elif one.seen != seen_of(present):
        kept.changed.append(one.path)
    elif len(one.text) > MOST_LETTERS:
        kept.long.append(one.path)
    elif problem := problem_with(one.path, known[one.path], one.text):
        kept.strange[one.path] = problem
    else:
        kept.written.append(one.path)
        words.pop(one.path, None)
        if one.text:
            words[one.path] = one.text
        return bool(one.text) and one.is_right
    return False


@transaction.atomic
def drop_strays(*, draft: ProcedureDraft, language: str, by: Person, now: datetime) -> ProcedureDraft:
    """Take away the translations of texts that are not there any more. Raises ItemGone."""
    locked = operations.lock_draft(draft=draft, by=by, now=now)
    known = spanish_of(locked.content)
    words = {path: text for path, text in words_of(locked.content, language).items() if path in known}
    made = with_words(locked.content, language, words)
    return operations.put_item(draft=locked, address=("translations",), item=made, seen="", by=by, now=now)


def seen_of(text: str) -> str:
    """The fingerprint of a translation as a page shows it."""
    return tree.fingerprint(text)
