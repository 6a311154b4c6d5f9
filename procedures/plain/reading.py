"""Words, sentences, syllables, and the Fernández-Huerta index of a Spanish text."""

import re
from collections.abc import Iterable

_VOWELS = re.compile(r"[aeiouáéíóúü]+")
_HIATUS = re.compile(r"[aeoáéó](?=[aeoáéóíú])|[íú](?=[aeoáéó])")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%s|\{[^{}]*\}")
_SILENT_U = re.compile(r"q[uü](?=[eiéí])|gu(?=[eiéí])")


def words(text: str) -> list[str]:
    """The words of a text; a datum to be filled in counts as one."""
    return re.findall(r"[a-záéíóúüñ]+", _PLACEHOLDER.sub("dato", text), re.I)


def sentences(text: str) -> list[str]:
    """The sentences of a text; a line of a list is one."""
    return [part.strip() for part in re.split(r"[.:;?!]\s+|[.:;?!]$|\n", text) if words(part)]


def syllables(word: str) -> int:
    """Syllables of a Spanish word: its groups of vowels, and one more where two strong ones meet."""
    lower = re.sub(r"y\b", "i", _SILENT_U.sub("k", word.lower()))
    return max(1, len(_VOWELS.findall(lower)) + len(_HIATUS.findall(lower)))


def reading_ease(texts: Iterable[str]) -> float:
    """206.84 - 0.60 syllables per hundred words - 1.02 words per sentence: from 60 on, everybody can read it.

    100 for texts without words.
    """
    found = list(texts)
    spoken = [word for text in found for word in words(text)]
    if not spoken:
        return 100.0
    count = sum(len(sentences(text)) for text in found)
    return 206.84 - 60 * sum(map(syllables, spoken)) / len(spoken) - 1.02 * len(spoken) / count
