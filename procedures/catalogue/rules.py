"""How a text becomes words, a word its stem, and words a ranking. Spanish, without accents, on any database."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import snowballstemmer
from rapidfuzz.distance import OSA

DATA = Path(__file__).parents[1] / "data"
LONGEST = 40
"""Letters of the longest word kept."""
WEIGHTS = {"name": 10, "keywords": 8, "institution": 4, "summary": 4, "life_event": 3, "kind": 3, "body": 1}
"""How much a word says of an entry, by where it stands."""
SYNONYM = 0.6
NEAR = 0.5
"""What a match is worth when the word written is another one: a synonym, or one spelt almost so."""


def _lines_of(name: str) -> list[str]:
    """The lines of one of our word lists, without its comments."""
    lines = (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


EMPTY_WORDS = frozenset(word for line in _lines_of("empty_words") for word in line.split())
"""Words that say nothing of which procedure is meant."""
_WORD = re.compile(r"[a-z0-9]+")
_stemmer = snowballstemmer.stemmer("spanish")


def plain(text: str) -> str:
    """The text in lower case and without accents; "ñ" becomes "n"."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The words of a text in order, repeated ones too; nothing that only joins others."""
    found = (word[:LONGEST] for word in _WORD.findall(plain(text)))
    return [word for word in found if word not in EMPTY_WORDS and (len(word) > 1 or word.isdigit())]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What plurals and endings of a word have in common."""
    return str(_stemmer.stemWord(word))


def stems(text: str) -> list[str]:
    """The stems of the words of a text: what it has in common with another that says the same."""
    return [stem(word) for word in words(text)]


def weigh(texts: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """{stem: weight} of the texts of an entry by where they stand; a word counts where it weighs most."""
    found: dict[str, int] = {}
    for place, parts in texts.items():
        for part in parts:
            for word in words(part):
                found[stem(word)] = max(found.get(stem(word), 0), WEIGHTS[place])
    return found


@lru_cache(maxsize=1)
def synonyms() -> Mapping[str, frozenset[str]]:
    """{stem: stems of the words people use for it}."""
    found: dict[str, set[str]] = {}
    for line in _lines_of("synonyms"):
        group = {stem(word) for word in line.split()}
        for one in group:
            found.setdefault(one, set()).update(group - {one})
    return {one: frozenset(others) for one, others in found.items()}


@dataclass(frozen=True)
class Wanted:
    """A word of the search, and what each stem that answers it is worth."""

    word: str
    stems: Mapping[str, float]
    instead: str = ""
    """The known word that was searched when nobody writes `word`."""


def wanted(word: str) -> Wanted:
    """A word with its synonyms."""
    own = stem(word)
    return Wanted(word, {**dict.fromkeys(synonyms().get(own, ()), SYNONYM), own: 1.0})


_SOUNDS = (
    (re.compile(r"qu(?=[ei])|c(?![ehi])"), "k"),
    (re.compile(r"c(?=[ei])|z"), "s"),
    (re.compile(r"(?<!c)h"), ""),
    (re.compile(r"g(?=[ei])"), "j"),
    (re.compile(r"gu(?=[ei])"), "g"),
    (re.compile(r"v"), "b"),
    (re.compile(r"ll"), "y"),
    (re.compile(r"([^lr])\1"), r"\1"),
)
"""Letters that are written in several ways and sound the same in Chile, in the order in which they are told."""


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """The word, without accents, as it sounds in Chile: words written differently by ear are the same."""
    for letters, sounded in _SOUNDS:
        word = letters.sub(sounded, word)
    return word


def near(word: str, vocabulary: Iterable[tuple[str, str]]) -> Wanted:
    """The word as the known ones (word, stem) that begin with it, sound like it or are spelt almost so.

    Without any, only itself. One that sounds the same is nearer than one with other letters.
    """
    allowed = 2 if len(word) >= 7 else 1
    heard = sound(word)
    beginnings: dict[str, float] = {}
    closest: list[tuple[int, str, str]] = []
    for known, its_stem in vocabulary:
        if len(word) >= 4 and known.startswith(word):
            beginnings[its_stem] = NEAR
        elif len(word) >= 4 and abs(len(known) - len(word)) <= allowed + 1:
            distance = 0 if sound(known) == heard else OSA.distance(word, known, score_cutoff=allowed)
            if distance <= allowed:
                closest.append((distance, known, its_stem))
    if beginnings or not closest:
        return Wanted(word, beginnings or {stem(word): 1.0})
    best = min(closest)
    instead = best[1] if best[1] != word else ""
    return Wanted(word, {one: NEAR for distance, _, one in closest if distance == best[0]}, instead)


@dataclass(frozen=True)
class Ranking:
    """Entries by how well they answer, best first; `has_all` when each of them has every word."""

    entries: Sequence[int]
    has_all: bool


def rank(asked: Sequence[Wanted], hits: Iterable[tuple[int, str, int]], total: int) -> Ranking:
    """Orders entries from their (entry, stem, weight). `total`: entries in the catalogue; rare words say more.

    Entries with every word; where no entry has all, those with the most telling ones.
    """
    answers: dict[str, list[tuple[int, float]]] = {}
    for place, word in enumerate(asked):
        for its_stem, worth in word.stems.items():
            answers.setdefault(its_stem, []).append((place, worth))
    best: dict[int, list[float]] = {}
    for entry, its_stem, weight in hits:
        scores = best.setdefault(entry, [0.0] * len(asked))
        for place, worth in answers[its_stem]:
            scores[place] = max(scores[place], weight * worth)
    whole = {entry: scores for entry, scores in best.items() if all(scores)}
    rarity = [
        math.log(1 + total / (1 + sum(scores[place] > 0 for scores in best.values()))) for place in range(len(asked))
    ]
    counted = {
        entry: sum(score * rare for score, rare in zip(scores, rarity, strict=True))
        for entry, scores in (whole or best).items()
    }
    return Ranking(sorted(counted, key=lambda entry: (-counted[entry], entry)), bool(whole) or not best)
