"""Our own texts are easy to read: Fernández-Huerta of 60 or more, and few sentences past 25 words (check 20)."""

import re

import pytest

from procedures.plain import reading_ease, sentences, words
from procedures.plain.reading import syllables
from tests.translations import catalogue

EASY = 60
LONGEST_SENTENCE = 25
JARGON = re.compile(r"\b(subsan\w+|recurrente|adjúntese|mediante|a efectos de|en virtud)\b", re.I)


def own_texts() -> list[str]:
    return sorted({text.singular for text in catalogue.texts()})


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("tú", 1),
        ("trámite", 3),
        ("solicitud", 4),
        ("quieres", 2),
        ("día", 2),
        ("veintiuno", 3),
        ("leer", 2),
        ("hoy", 1),
    ],
)
def test_syllables_are_counted_as_they_are_spoken(word: str, count: int) -> None:
    assert syllables(word) == count


def test_our_texts_together_are_easy_to_read() -> None:
    assert reading_ease(own_texts()) >= EASY


def test_the_measure_tells_a_plain_sentence_from_an_official_one() -> None:
    official = "Adjúntese la documentación correspondiente conforme a las disposiciones reglamentarias vigentes."
    assert reading_ease(["Sube tu boleta de luz."]) > EASY > reading_ease([official])


def test_no_text_has_words_that_only_offices_use() -> None:
    assert [text for text in own_texts() if JARGON.search(text)] == []


def test_few_sentences_are_long() -> None:
    every = [sentence for text in own_texts() for sentence in sentences(text)]
    long = [sentence for sentence in every if len(words(sentence)) > LONGEST_SENTENCE]
    assert len(long) <= len(every) // 50, long
