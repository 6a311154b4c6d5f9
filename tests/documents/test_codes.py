"""Verification codes and file identifiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import codes
from documents.api import InvalidCode, format_code, new_code, normalise_code
from documents.rules import ALPHABET, CODE_LENGTH

places = st.integers(0, CODE_LENGTH - 1)


def test_a_code_is_read_however_a_person_types_it() -> None:
    code = new_code()
    typed = format_code(code).lower().replace("0", "o").replace("1", "l").replace("-", " - ")
    assert normalise_code(f"  {typed} ") == code


@given(places, st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(place: int, character: str) -> None:
    code = new_code()
    wrong = code[:place] + character + code[place + 1 :]
    if wrong != code:
        with pytest.raises(InvalidCode):
            normalise_code(wrong)


@given(places, places)
def test_two_swapped_characters_are_always_noticed(one: int, other: int) -> None:
    code = list(new_code())
    before = "".join(code)
    code[one], code[other] = code[other], code[one]
    if "".join(code) != before:
        with pytest.raises(InvalidCode):
            normalise_code("".join(code))


@pytest.mark.parametrize("text", ["", "7K3M", "7K3M-Q2XW-9D4H-B5T", "ÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑ", "UUUUUUUUUUUUUUUU"])
def test_what_is_no_code_gets_a_sentence_that_says_why_in_the_language_of_the_page(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    with pytest.raises(InvalidCode, match=r"^El código.*\.$"):
        normalise_code(text)
    monkeypatch.setattr(codes, "_", lambda words: f"In English: {words}")
    with pytest.raises(InvalidCode, match=r"^In English: "):
        normalise_code(text)


def test_codes_do_not_repeat() -> None:
    assert len({new_code() for _ in range(2_000)}) == 2_000
