"""Our own texts are easy to read: Fernández-Huerta of 60 or more, and few sentences past 25 words (check 20)."""

import re

import pytest

from tests.translations import catalogue

EASY = 60
LONGEST_SENTENCE = 25
VOWEL_GROUPS = re.compile(r"[aeiouáéíóúü]+")
HIATUS = re.compile(r"[aeoáéó](?=[aeoáéóíú])|[íú](?=[aeoáéó])")
JARGON = re.compile(r"\b(subsan\w+|recurrente|adjúntese|mediante|a efectos de|en virtud)\b", re.I)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%s|\{\w+\}")


def syllables(word: str) -> int:
    """Syllables of a Spanish word: its groups of vowels, and one more where two strong ones meet."""
    lower = re.sub(r"q[uü](?=[eiéí])|gu(?=[eiéí])", "k", word.lower())
    lower = re.sub(r"y\b", "i", lower)
    return max(1, len(VOWEL_GROUPS.findall(lower)) + len(HIATUS.findall(lower)))


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-záéíóúüñ]+", PLACEHOLDER.sub("dato", text), re.I)


def sentences_of(text: str) -> list[str]:
    return [part for part in re.split(r"[.:;?!]\s+|[.:;?!]$|\n", text) if words_of(part)]


def readability(texts: list[str]) -> float:
    """206.84 - 0.60 syllables per hundred words - 1.02 words per sentence."""
    words = [word for text in texts for word in words_of(text)]
    sentences = sum(len(sentences_of(text)) for text in texts)
    return 206.84 - 60 * sum(map(syllables, words)) / len(words) - 1.02 * len(words) / sentences


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
    assert readability(own_texts()) >= EASY


def test_the_measure_tells_a_plain_sentence_from_an_official_one() -> None:
    official = "Adjúntese la documentación correspondiente conforme a las disposiciones reglamentarias vigentes."
    assert readability(["Sube tu boleta de luz."]) > EASY > readability([official])


def test_no_text_has_words_that_only_offices_use() -> None:
    assert [text for text in own_texts() if JARGON.search(text)] == []


def test_few_sentences_are_long() -> None:
    sentences = [sentence for text in own_texts() for sentence in sentences_of(text)]
    long = [sentence for sentence in sentences if len(words_of(sentence)) > LONGEST_SENTENCE]
    assert len(long) <= len(sentences) // 50, long
