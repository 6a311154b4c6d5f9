"""Which Spanish text each translation of a draft was made from."""

from __future__ import annotations

from designer.models import DraftTranslation, ProcedureDraft
from designer.translating.rules import Words, spanish_of, words_of
from designer.tree import Data

Made = dict[str, list[str]]
"""By path, the Spanish text and its translation."""


def note(draft: ProcedureDraft, before: Data, after: Data) -> None:
    """Remember from which Spanish the translations were made that `after` has and `before` had not.

    One that only moved keeps the Spanish from which it was made. The caller holds the draft's lock.
    """
    old, new = before.get("translations") or {}, after.get("translations") or {}
    if old == new:
        return
    spanish = spanish_of(after)
    for language in new:
        if old.get(language) != new[language]:
            _note(draft, language, words_of(before, language), new[language], spanish)


def _note(draft: ProcedureDraft, language: str, old: Words, new: Words, spanish: Words) -> None:
    known, _is_new = DraftTranslation.objects.get_or_create(draft=draft, language=language)
    moved = {text: path for path, text in old.items() if new.get(path) != text}
    made = {
        path: known.made.get(moved.get(text, ""), [spanish[path], text])
        for path, text in new.items()
        if path in spanish and old.get(path) != text
    }
    known.made = {**known.made, **made}
    known.save(update_fields=["made"])


def confirm(draft: ProcedureDraft, language: str, words: Words, spanish: Words) -> None:
    """Take translations as made from the present Spanish. The caller holds the draft's lock."""
    known, _is_new = DraftTranslation.objects.get_or_create(draft=draft, language=language)
    known.made = {**known.made, **{path: [spanish[path], text] for path, text in words.items()}}
    known.save(update_fields=["made"])


def made_of(draft: ProcedureDraft, language: str) -> Made:
    """What is remembered of a language."""
    known = DraftTranslation.objects.filter(draft=draft, language=language).first()
    return dict(known.made) if known else {}
