"""docs/checks.csv: the forty checks of a page, each with the test that would notice, or the look that was taken."""

import csv
import re

import pytest

from tests.adversary.test_asvs import collected
from tests.house import tree

COLUMNS = ["check", "what", "test", "look"]
LOOKED_AT = {40}
"""Checks that no test can hold, because they need people; this list may only shrink."""


def rows() -> list[dict[str, str]]:
    with (tree.ROOT / "docs/checks.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def test_the_forty_stand_in_order() -> None:
    assert [int(row["check"]) for row in rows()] == list(range(1, 41))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["check"])
def test_each_check_names_a_test_that_exists_or_says_what_was_looked_at(row: dict[str, str]) -> None:
    assert row["what"]
    if int(row["check"]) in LOOKED_AT:
        assert row["test"] == ""
        assert row["look"]
        return
    file, _, name = row["test"].partition("::")
    assert re.fullmatch(r"tests/\w+/test_\w+\.py", file)
    assert name in collected(file)
