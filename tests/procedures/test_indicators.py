"""UF and UTM: what a file gives, what it is refused for, and which value holds on a day."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from procedures.errors import BadIndicatorFile
from procedures.indicators import import_values, pesos_on
from procedures.models import IndicatorValue

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _import(text: str, code: str = "uf") -> tuple[int, int]:
    return import_values(text=text, code=code, now=NOW)


@pytest.mark.parametrize(
    "text",
    ["Día;Valor\n21-11-2026;39.643,59\n", "2026-11-21,39643.59", "\ufeff21/11/2026;$ 39.643,59\n\n"],
)
def test_a_value_is_read_as_either_office_writes_it(text: str) -> None:
    assert _import(text) == (1, 0)
    assert pesos_on(date(2026, 11, 21)) == {"uf": Decimal("39643.59")}


def test_points_of_thousands_are_not_decimals() -> None:
    """The UTM has no cents, and is written «69.542»."""
    assert _import("01-11-2026;69.542\n", "utm") == (1, 0)
    assert pesos_on(date(2026, 11, 21))["utm"] == Decimal(69542)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("31-02-2026;39.643,59\n", 1),
        ("Día;Valor\n21-11-2026;39,64\n", 2),
        ("21-11-2026;39.643,59\nmañana;39.700,00\n", 2),
        ("21-11-2026;39.643,59\n22-11-2026\n", 2),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_kept(text: str, line: int) -> None:
    with pytest.raises(BadIndicatorFile, match=str(line)):
        _import(text)
    assert not IndicatorValue.objects.exists()


def test_a_corrected_value_takes_the_place_of_the_former() -> None:
    _import("21-11-2026;39.643,59\n")
    assert _import("21-11-2026;39.650,00\n22-11-2026;39.651,00\n") == (1, 1)
    assert pesos_on(date(2026, 11, 21))["uf"] == Decimal(39650)


def test_a_missing_day_takes_the_one_before_and_a_day_to_come_none() -> None:
    _import("20-11-2026;39.600,00\n22-11-2026;39.700,00\n")
    assert pesos_on(date(2026, 11, 21))["uf"] == Decimal(39600)
    assert pesos_on(date(2026, 11, 19)) == {}


def test_a_table_that_nobody_updates_gives_no_value() -> None:
    _import("21-10-2026;39.600,00\n")
    assert pesos_on(date(2026, 11, 20)) == {"uf": Decimal(39600)}
    assert pesos_on(date(2026, 11, 21)) == {}


def test_the_command_says_which_value_holds_of_which_day(tmp_path: Path) -> None:
    file = tmp_path / "uf.csv"
    file.write_text("Día;Valor\n01-01-2026;39.643,59\n", encoding="utf-8")
    out = StringIO()
    call_command("indicators", "import", "uf", str(file), stdout=out)
    call_command("indicators", "show", stdout=out)
    said = out.getvalue()
    assert "1 valores nuevos y 0 corregidos." in said
    assert "UF  $ 39.643,59 del 01/01/2026; es antiguo y no se usa" in said
    assert "UTM  sin valores" in said
    file.write_bytes("Día;Valor".encode("latin-1"))
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("indicators", "import", "uf", str(file))
