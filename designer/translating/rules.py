"""Which texts are translated, where each stands, and what becomes of a translation when its text moves. Pure.

A translation is kept in the procedure under the path of its text (`translations.en.forms.solicitud.title`). Paths go
by ids and, in lists without them, by places: a list that changes takes its translations along.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from designer import contents
from designer.tree import Data
from procedures.api import BadPlaceholder, Written, strange_datum, texts_of_data

LANGUAGES = {
    "en": gettext_lazy("Inglés"),
    "arn": gettext_lazy("Mapudungun"),
    "ay": gettext_lazy("Aymara"),
    "qu": gettext_lazy("Quechua"),
    "rap": gettext_lazy("Rapa nui"),
    "ht": gettext_lazy("Creole haitiano"),
    "pt": gettext_lazy("Portugués"),
    "fr": gettext_lazy("Francés"),
    "zh": gettext_lazy("Chino"),
    "ar": gettext_lazy("Árabe"),
    "ru": gettext_lazy("Ruso"),
    "uk": gettext_lazy("Ucraniano"),
}
"""The languages most heard in Chile, as who designs calls them."""
_CODE = re.compile(r"[a-z]{2,3}")
_ISSUED = re.compile(r"documents\.[^.]+\.blocks\.")
"""The wording of acts and certificates: they are issued in Spanish."""

Words = Mapping[str, str]
"""Texts or translations by path."""


def is_language(code: str) -> bool:
    """Whether a procedure may be said in it: any but Spanish, in which it is written."""
    return bool(_CODE.fullmatch(code)) and code != "es"


def language_name(code: str) -> str:
    """The language in words; its code for one that is not in the list."""
    return str(LANGUAGES.get(code, code))


def translatable(content: Data) -> list[Written]:
    """The texts that people may read in another language, in order."""
    return [text for text in _texts(content) if not _ISSUED.match(text.path)]


def spanish_of(content: Data) -> Words:
    """Every text by its path, those of acts included."""
    return contents.settled(content).remembered(_by_path)


def _texts(content: Data) -> list[Written]:
    return contents.settled(content).remembered(texts_of_data)


def _by_path(content: Data) -> Words:
    return {text.path: text.text for text in _texts(content)}


def is_filled(path: str) -> bool:
    """Whether the data that a text names in braces are written in when it is sent: those of notices are."""
    return path.startswith("notices.")


def problem_with(path: str, spanish: str, said: str) -> str:
    """Why a translation could not be sent in place of its Spanish; "" when it can."""
    if not is_filled(path):
        return ""
    try:
        strange = strange_datum(said, spanish)
    except BadPlaceholder as error:
        return str(error)
    text = _("El texto en español no tiene el dato %(datum)s. Usa solo los que tiene, escritos igual.")
    return text % {"datum": strange} if strange else ""


def words_of(content: Data, language: str) -> dict[str, str]:
    """What the procedure says in a language, by path."""
    return dict((content.get("translations") or {}).get(language) or {})


def with_words(content: Data, language: str, words: Words) -> Data | None:
    """All the translations of a procedure with those of a language, in the order of its texts; None for none at all."""
    place = {path: number for number, path in enumerate(spanish_of(content))}
    ordered = {path: words[path] for path in sorted(words, key=lambda path: place.get(path, len(place)))}
    said = {**(content.get("translations") or {}), language: ordered}
    return {code: texts for code, texts in said.items() if texts} or None


def followed(before: Data, after: Data) -> Data:
    """The changed content with its translations gone along with their texts, and without those of texts that went."""
    said = after.get("translations")
    if not said:
        return after
    after = contents.settled(after)
    old, new = spanish_of(before), spanish_of(after)
    if old == new:
        return after
    sources = _sources(old, new)
    moved = {language: _moved(words, old, sources) for language, words in said.items()}
    kept = {language: words for language, words in moved.items() if words}
    rest = {key: value for key, value in after.items() if key != "translations"}
    return {**rest, "translations": kept} if kept else rest


def _moved(words: Words, old: Words, sources: Words) -> dict[str, str]:
    """Translations at the places where their texts are now; those that were of no text before stay as they were."""
    stray = {path: text for path, text in words.items() if path not in old}
    return {path: words[source] for path, source in sources.items() if source in words} | stray


def _sources(old: Words, new: Words) -> dict[str, str]:
    """Of each text, where it stood before: where it is, or where the same words were that are not there any more."""
    found = {path: path for path, text in new.items() if old.get(path) == text}
    left = defaultdict(list)
    for path, text in old.items():
        if path not in found:
            left[_key(path), text].append(path)
    for path, text in new.items():
        same = left.get((_key(path), text)) if path not in found else None
        if same:
            found[path] = same.pop(_nearest(same, path))
    taken = set(found.values())
    found |= {path: path for path in new if path not in found and path in old and path not in taken}
    return {path: found[path] for path in new if path in found}


def _key(path: str) -> str:
    """What the text is of its part: its last name that is no place."""
    return next(part for part in reversed(path.split(".")) if not part.isdecimal())


def _nearest(paths: Iterable[str], path: str) -> int:
    """Which of several paths ends most like another."""
    wanted = path.split(".")[::-1]

    def alike(other: str) -> int:
        pairs = zip(other.split(".")[::-1], wanted, strict=False)
        return next((count for count, (a, b) in enumerate(pairs) if a != b), len(wanted))

    scores = [alike(other) for other in paths]
    return scores.index(max(scores))
