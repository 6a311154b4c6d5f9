"""docs/asvs.csv: what of the OWASP ASVS 5.0.0 applies here, and the test that would notice if it stopped holding."""

import ast
import csv
import re
from functools import cache

import pytest

from tests.house import tree

COLUMNS = ["id", "applies", "where", "test"]


def rows() -> list[dict[str, str]]:
    with (tree.ROOT / "docs/asvs.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return list(reader)


@cache
def collected(file: str) -> set[str]:
    """What pytest collects of a file: "test_a" and "TestB::test_c"."""
    found = set()
    for node in ast.parse((tree.ROOT / file).read_text()).body:
        inside = node.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test") else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        found |= {prefix + test.name for test in inside if isinstance(test, ast.FunctionDef)}
    return {name for name in found if name.rpartition("::")[2].startswith("test_")}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_each_requirement_names_a_test_that_exists_or_says_why_not(row: dict[str, str]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", row["id"])
    assert row["where"]
    assert row["applies"] in {"yes", "partly", "no"}
    if row["applies"] == "no":
        assert row["test"] == ""
        return
    file, _, name = row["test"].partition("::")
    assert re.fullmatch(r"tests/\w+/test_\w+\.py", file)
    assert name in collected(file)


def test_each_requirement_stands_once_and_in_order() -> None:
    ids = [[int(part) for part in row["id"].split(".")] for row in rows()]
    assert ids == sorted(ids)
    assert len({tuple(found) for found in ids}) == len(ids)


def test_the_control_knows_no_test_that_is_not_there() -> None:
    assert "test_the_control_knows_no_test_that_is_not_there" in collected("tests/adversary/test_asvs.py")
    assert "test_that_nobody_wrote" not in collected("tests/adversary/test_asvs.py")
    assert "rows" not in collected("tests/adversary/test_asvs.py")
