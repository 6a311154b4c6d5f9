"""Plain language: how easy a Spanish text is to read, and the words that only offices use. No Django here."""

from procedures.plain.advice import Advice, examine
from procedures.plain.reading import reading_ease, sentences, words
from procedures.plain.word_lists import sensitive_words, state_holder, step_words

__all__ = ["Advice", "examine", "reading_ease", "sensitive_words", "sentences", "state_holder", "step_words", "words"]
