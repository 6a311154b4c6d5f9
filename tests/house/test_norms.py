"""docs/norms.csv: each requirement of the law, where the program meets it, and the test that would notice if not."""

import csv
import re

import pytest

from tests.adversary.test_asvs import collected
from tests.house import tree

COLUMNS = ["id", "requirement", "met", "where", "test"]
NOT_MET: set[int] = set()
"""What the program does not do yet; this list may only shrink."""


def rows() -> list[dict[str, str]]:
    with (tree.ROOT / "docs/norms.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def test_the_seventy_eight_stand_in_order() -> None:
    assert [row["id"] for row in rows()] == [f"R{number}" for number in range(1, 79)]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_each_requirement_names_a_test_that_exists_or_says_what_is_missing(row: dict[str, str]) -> None:
    assert row["requirement"]
    assert row["where"]
    assert row["met"] == "no" if int(row["id"][1:]) in NOT_MET else row["met"] in {"yes", "partly"}
    if row["met"] == "no":
        assert row["test"] == ""
        return
    file, _, name = row["test"].partition("::")
    assert re.fullmatch(r"tests/\w+/test_\w+\.py", file)
    assert name in collected(file)
