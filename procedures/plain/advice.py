"""What could be said more plainly in one text, and how."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from procedures.plain.reading import reading_ease, sentences, words
from procedures.plain.word_lists import jargon_in

EASY = 60
LONGEST_SENTENCE = 25
"""In words."""
ENOUGH_WORDS = 20
"""A shorter text has too few words for the index to mean anything."""


@dataclass(frozen=True)
class Advice:
    """One thing that could be plainer, in Spanish."""

    code: str
    message: str
    remedy: str


@lru_cache(maxsize=16384)
def examine(text: str) -> tuple[Advice, ...]:
    """Advice on a text, in order of how easily it is followed; remembered, as procedures have hundreds."""
    return (*_jargon(text), *_long_sentences(text), *_hard(text))


def _jargon(text: str) -> Iterator[Advice]:
    for written, plain in dict(jargon_in(text)).items():
        remedy = f"Di «{plain}»." if plain else "Quítalo y di directamente qué se hace."
        yield Advice("jargon", f"«{written}» es lenguaje de oficina.", remedy)


def _long_sentences(text: str) -> Iterator[Advice]:
    for sentence in sentences(text):
        count = len(words(sentence))
        if count > LONGEST_SENTENCE:
            beginning = " ".join(sentence.split()[:4])
            remedy = f"Divídela: hasta {LONGEST_SENTENCE} palabras se leen de una vez."
            yield Advice("long_sentence", f"La frase «{beginning}…» tiene {count} palabras.", remedy)


def _hard(text: str) -> Iterator[Advice]:
    ease = round(reading_ease([text]))
    if len(words(text)) >= ENOUGH_WORDS and ease < EASY:
        message = f"El texto es difícil de leer: {ease} de 100, y desde {EASY} lo lee cualquiera."
        yield Advice("hard_to_read", message, "Usa frases y palabras más cortas.")
