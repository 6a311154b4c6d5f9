"""Files and functions stay short. The lists of exceptions may only shrink."""

from pathlib import Path

from tests.house import tree

FILE_LINES = 400
TEST_FILE_LINES = 500
"""Tests repeat themselves on purpose, so that each can be read alone."""
FUNCTION_LINES = 40
VIEW_LINES = 20

LONG_FILES: dict[str, int] = {}
"""path: lines it has; a reviewer who lets it grow must change the number here."""

LONG_FUNCTIONS: dict[str, int] = {}
"""path::name: lines it has."""

LONG_VIEWS: dict[str, int] = {}
"""path::name: lines it has."""


def too_long(path: Path) -> bool:
    return lines(path) > (TEST_FILE_LINES if path.parts[0] == "tests" else FILE_LINES)


def lines(path: Path) -> int:
    return len((tree.ROOT / path).read_text().splitlines())


def test_no_file_is_longer_than_400_lines() -> None:
    assert {str(path): lines(path) for path in tree.python_files() if too_long(path)} == LONG_FILES


def test_no_function_is_longer_than_40_lines() -> None:
    long = {str(function): function.length for function in tree.functions(tree.python_files())}
    assert {name: size for name, size in long.items() if size > FUNCTION_LINES} == LONG_FUNCTIONS


def test_no_view_is_longer_than_20_lines() -> None:
    paths = [
        path for path in tree.python_files(*tree.layers()) if path.name == "views.py" or "views" in path.parent.parts
    ]
    long = {str(function): function.length for function in tree.functions(paths)}
    assert {name: size for name, size in long.items() if size > VIEW_LINES} == LONG_VIEWS


def test_the_usual_function_fits_at_a_glance() -> None:
    lengths = sorted(function.length for function in tree.functions(tree.python_files(*tree.layers())))
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[len(lengths) * 9 // 10] <= 35
