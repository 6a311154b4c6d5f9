"""Texts of staff: data written in, braces kept apart, nothing run."""

import pytest

from procedures.texts import BadPlaceholder, Placeholder, UnknownDatum, fill, placeholders

VALUES = {"inicio.capital": "1500000", "act.date": "2026-03-02", "inicio.nombre": "Ana {x} Pérez"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hola, {inicio.nombre}.", "Hola, Ana {x} Pérez."),
        ("{inicio.capital|money}", "$1.500.000"),
        ("{ inicio.capital | money }", "$1.500.000"),
        ("{act.date|long_date}", "2 de marzo de 2026"),
        ("{inicio.nombre|upper}", "ANA {X} PÉREZ"),
        ("{{literal}}", "{literal}"),
        ("**negrita** y *cursiva* & <b>", "**negrita** y *cursiva* & <b>"),
    ],
)
def test_data_are_written_in_and_the_rest_stays(text: str, expected: str) -> None:
    assert fill(text, VALUES) == expected


@pytest.mark.parametrize(("value", "expected"), [("$1.500.000", "$1.500.000"), ("-200", "$-200"), ("0", "$0")])
def test_money_takes_amounts_plain_or_already_written(value: str, expected: str) -> None:
    assert fill("{a.b|money}", {"a.b": value}) == expected


def test_long_dates_take_the_chilean_short_form() -> None:
    assert fill("{a.b|long_date}", {"a.b": "31/12/2025"}) == "31 de diciembre de 2025"


def test_a_datum_without_value_is_an_error() -> None:
    with pytest.raises(UnknownDatum, match=r"inicio\.giro"):
        fill("{inicio.giro}", VALUES)


@pytest.mark.parametrize(
    "text", ["{", "}", "{}", "{nombre}", "{inicio.nombre.otro}", "{inicio.nombre|plata}", "{inicio.nombre!r}", "{{}"]
)
def test_braces_that_hold_no_datum_are_an_error(text: str) -> None:
    with pytest.raises(BadPlaceholder):
        placeholders(text)


@pytest.mark.parametrize("name", ["money", "long_date"])
def test_a_format_that_does_not_fit_is_an_error_that_does_not_repeat_the_value(name: str) -> None:
    with pytest.raises(BadPlaceholder) as caught:
        fill(f"{{a.b|{name}}}", {"a.b": "secreto"})
    assert "secreto" not in str(caught.value)


def test_placeholders_come_in_order_with_their_format() -> None:
    assert placeholders("{a.b} {{x}} {c.d|upper}") == [Placeholder("a.b"), Placeholder("c.d", "upper")]
