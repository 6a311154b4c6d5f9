"""RUN and RUT numbers, names and addresses to come back to."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import numbers
from accounts.numbers import InvalidRun, InvalidRut, normalise_run, normalise_rut
from accounts.rules import check_digit, format_run, is_legal_entity, mask_run, names_of, own_path

NUMBERS = st.integers(1, 99_999_999)


@given(NUMBERS, st.sampled_from(["{}-{}", "{}{}", "{:,}-{}", "  {} - {} ", "0{}-{}", "{}‐{}", "{} {}"]))
def test_a_run_is_read_however_it_is_written(number: int, spelling: str) -> None:
    digit = check_digit(number)
    written = spelling.format(number, digit.lower()).replace(",", ".")
    assert normalise_run(written) == f"{number}-{digit}"


@given(NUMBERS, st.sampled_from("0123456789K"))
def test_only_one_check_digit_is_right(number: int, digit: str) -> None:
    if digit == check_digit(number):
        assert normalise_run(f"{number}-{digit}") == f"{number}-{digit}"
    else:
        with pytest.raises(InvalidRun, match="dígito verificador no corresponde"):
            normalise_run(f"{number}-{digit}")


@given(st.integers(10_000_000, 99_999_999), st.integers(0, 7), st.integers(1, 9))
def test_one_mistyped_figure_is_always_noticed(number: int, place: int, shift: int) -> None:
    figures = list(str(number))
    figures[place] = str((int(figures[place]) + shift) % 10)
    with pytest.raises(InvalidRun):
        normalise_run(f"{''.join(figures)}-{check_digit(number)}")


@given(st.integers(10_000_000, 99_999_999), st.integers(0, 6))
def test_two_exchanged_neighbours_are_always_noticed(number: int, place: int) -> None:
    figures = list(str(number))
    figures[place], figures[place + 1] = figures[place + 1], figures[place]
    if figures[place] == figures[place + 1] or figures[0] == "0":
        return
    with pytest.raises(InvalidRun):
        normalise_run(f"{''.join(figures)}-{check_digit(number)}")


WRONG = ["", "-", "1", "Ana", "12.345.678-", "123.456.789-0", "12345678-X", "0-0", "１２３４５６７８-5"]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_run_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidRun, match=r"por ejemplo 12\.345\.678-5"):
        normalise_run(text)


@pytest.mark.parametrize("number", [normalise_run, normalise_rut])
@pytest.mark.parametrize("typed", ["no sé", "12.345.678-9"])
def test_what_is_wrong_is_said_in_the_language_of_the_page(
    monkeypatch: pytest.MonkeyPatch, number: Callable[[str], str], typed: str
) -> None:
    """Check 17."""
    monkeypatch.setattr(numbers, "_", lambda text: f"In English: {text}")
    with pytest.raises(ValueError, match=r"^In English: "):
        number(typed)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(InvalidRun):
        assert normalise_run(normalise_run(text)) == normalise_run(text)


def test_the_complaint_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(InvalidRun) as refusal:
        normalise_run("41.987.654-0")
    assert "987" not in str(refusal.value)


@pytest.mark.parametrize(("number", "digit"), [(12345678, "5"), (6, "K"), (11111111, "1"), (1009, "K")])
def test_known_check_digits(number: int, digit: str) -> None:
    assert check_digit(number) == digit


def test_the_rut_of_a_company_is_read_the_same_way_with_its_own_words() -> None:
    assert normalise_rut("76.543.210-3") == "76543210-3"
    with pytest.raises(InvalidRut, match="RUT"):
        normalise_rut("76.543.210-4")


def test_a_run_is_shown_with_dots_and_hidden_but_for_three_figures() -> None:
    assert format_run("12345678-5") == "12.345.678-5"
    assert format_run("6-K") == "6-K"
    assert format_run("") == ""
    assert mask_run("12345678-5") == "••.•••.678-•"


@pytest.mark.parametrize(
    ("number", "is_entity"), [("69000001-6", True), ("76.000.000-6", True), ("41111111-3", False), ("", False)]
)
def test_a_legal_entity_is_told_by_its_number(number: str, is_entity: bool) -> None:
    assert is_legal_entity(number) is is_entity


@pytest.mark.parametrize(
    ("claim", "names"),
    [
        ({"apellidos": ["Del Río", "Gonzalez"], "nombres": ["María", "Carmen"]}, "María Carmen"),
        ({"nombres": ["  Ana ", ""]}, "Ana"),
        ({"nombres": []}, ""),
        ({"nombres": "Ana"}, ""),
        ({"nombres": [1, None]}, ""),
        ({}, ""),
        ("Ana Pérez", ""),
        (None, ""),
        ({"nombres": ["x" * 500]}, "x" * 120),
    ],
)
def test_names_come_as_two_lists_or_not_at_all(claim: object, names: str) -> None:
    """R37."""
    assert names_of(claim, "nombres") == names


@pytest.mark.parametrize("target", ["/", "/s/7K3M/", "/tramites/?q=patente&p=2", "/a//b", "/sí/"])
def test_paths_of_this_site_are_kept(target: str) -> None:
    assert own_path(target) == target


@pytest.mark.parametrize(
    "target",
    [
        *("", "https://evil.example/", "//evil.example", "/\\evil.example", "\\/evil.example", "javascript:alert(1)"),
        *("/\t/evil.example", "/x\r\nSet-Cookie: a=b", "evil.example", " /x", "/a\\..\\b", "/" + "x" * 3000),
    ],
)
def test_nobody_is_sent_to_another_site(target: str) -> None:
    assert own_path(target) == "/"
