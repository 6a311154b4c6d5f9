"""Reads: the texts of a draft beside what they say in another language, and how far each language is."""

from __future__ import annotations

from dataclasses import dataclass

from designer.models import ProcedureDraft
from designer.translating.memory import made_of
from designer.translating.rules import spanish_of, translatable, words_of


@dataclass(frozen=True)
class Text:
    """A text beside its translation."""

    path: str
    unit: str
    spanish: str
    translation: str
    before: str
    """The Spanish from which the translation was made, where it says something else now."""
    offered: str
    """What this text, or one of the same words, was translated to; for one that has no translation."""

    @property
    def is_missing(self) -> bool:
        """Whether it has no translation."""
        return not self.translation

    @property
    def is_stale(self) -> bool:
        """Whether the Spanish changed since it was translated."""
        return bool(self.before)

    @property
    def is_due(self) -> bool:
        """Whether somebody has to look at it."""
        return self.is_missing or self.is_stale


@dataclass(frozen=True)
class Progress:
    """How far a language is."""

    language: str
    total: int
    missing: int
    stale: int
    strays: int
    """Translations of texts that are not there any more: the gate refuses them."""


def texts_in_language(draft: ProcedureDraft, language: str) -> list[Text]:
    """Every text that may be translated, in the order of the procedure."""
    words, made = words_of(draft.content, language), made_of(draft, language)
    spanish = spanish_of(draft.content)
    by_words = {spanish[path]: text for path, text in words.items() if path in spanish}
    found = []
    for text in translatable(draft.content):
        said = words.get(text.path, "")
        read, was = made.get(text.path, [text.text, said])
        before = read if said and was == said and read != text.text else ""
        offered = "" if said else by_words.get(text.text) or was
        found.append(Text(text.path, text.unit, text.text, said, before, offered))
    return found


def progress_of(draft: ProcedureDraft, language: str, texts: list[Text] | None = None) -> Progress:
    """How far a language of a draft is."""
    texts = texts_in_language(draft, language) if texts is None else texts
    known = spanish_of(draft.content)
    strays = sum(path not in known for path in words_of(draft.content, language))
    return Progress(
        language, len(texts), sum(text.is_missing for text in texts), sum(text.is_stale for text in texts), strays
    )


def progress_of_all(draft: ProcedureDraft) -> list[Progress]:
    """How far each language of a draft is."""
    return [progress_of(draft, language) for language in sorted(draft.content.get("translations") or {})]
