"""What makes a test fail by chance, as far as a machine can see it; CONTRIBUTING.md names the rest."""

import ast
import re
from collections.abc import Iterator

from tests.house import tree

CLOCKS = {"now", "time", "monotonic", "perf_counter"}
PATIENCE = 100
"""Seconds: a wait that ends at once when all is well may be long, and a busy machine needs it."""
TAKEN = re.compile(r"\b(\w+_)?(delays?|took|taken|elapsed|lasted|duration)\b")
"""What holds how long something took, by its name."""
HASH_LIKE = re.compile(r"(?=.*\d)[0-9a-f]{2,6}")
"""So few digits stand in one of many hashes, codes and tokens by chance."""
ROW = re.compile(r"/[a-z-]+/\d+/.+")
"""An address with the number of a row, which nobody promised."""


def of_tests() -> Iterator[tuple[str, ast.AST]]:
    """(file:line, node) of all that the tests say."""
    for path in tree.python_files("tests"):
        for node in ast.walk(tree.syntax(path)):
            yield f"{path}:{getattr(node, 'lineno', 0)}", node


def reads_a_clock(node: ast.AST) -> bool:
    """Whether this is time.monotonic(), datetime.now(UTC) and the like."""
    return isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in CLOCKS


def text_of(node: ast.AST) -> str:
    """A written text; "" for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def limits_what_it_took(node: ast.AST) -> bool:
    """Whether an assertion compares how long something took with a limit."""
    taken = [part for part in ast.walk(node) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub)]
    return isinstance(node, ast.Assert) and any(reads_a_clock(side) for part in taken for side in ast.walk(part))


def limits_what_is_called_so(node: ast.AST) -> bool:
    """Whether an assertion demands that a delay, or what something took, be below a number."""
    return isinstance(node, ast.Assert) and any(
        isinstance(part, ast.Compare)
        and isinstance(part.ops[0], ast.Lt | ast.LtE)
        and isinstance(part.comparators[0], ast.Constant)
        and TAKEN.search(ast.unparse(part.left)) is not None
        for part in ast.walk(node)
    )


def waits_too_little(node: ast.AST) -> bool:
    """Whether this is until(…, seconds=…) with few of them."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != "until":
        return False
    given = [option.value for option in node.keywords if option.arg == "seconds"]
    return any(isinstance(one, ast.Constant) and float(str(one.value)) < PATIENCE for one in given)


def looks_for_few_digits(node: ast.AST) -> bool:
    """Whether rows are chosen by, or a text must not hold, so few digits that a hash may have them."""
    if isinstance(node, ast.keyword):
        return (node.arg or "").endswith("contains") and HASH_LIKE.fullmatch(text_of(node.value)) is not None
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.NotIn):
        return False
    complaint = ast.unparse(node.comparators[0]).startswith("str(")  # the words of an error hold no hash
    return not complaint and HASH_LIKE.fullmatch(text_of(node.left)) is not None


def test_no_test_says_how_long_something_may_take() -> None:
    limits = [place for place, node in of_tests() if limits_what_it_took(node) or limits_what_is_called_so(node)]
    assert limits == []


def test_whoever_waits_is_patient() -> None:
    assert [place for place, node in of_tests() if waits_too_little(node)] == []


def test_no_test_looks_for_digits_that_a_hash_may_have() -> None:
    assert [place for place, node in of_tests() if looks_for_few_digits(node)] == []


def test_no_test_opens_a_row_by_a_number_that_nobody_promised() -> None:
    opened = [
        place
        for place, node in of_tests()
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith((".get", ".post"))
        and node.args
        and ROW.fullmatch(text_of(node.args[0]))
    ]
    assert opened == []


def faulty(source: str) -> list[bool]:
    """Which of the faults a statement has: too strict, too impatient, too few digits."""
    nodes = list(ast.walk(ast.parse(source)))
    return [any(map(found, nodes)) for found in (limits_what_it_took, waits_too_little, looks_for_few_digits)]


def test_the_faults_are_found_where_they_are() -> None:
    assert faulty("assert time.monotonic() - start < 50") == [True, False, False]
    assert faulty("until(done, seconds=20)") == [False, True, False]
    assert faulty('rows.filter(source__contains="203")') == [False, False, True]
    assert faulty('assert "12ab" not in page') == [False, False, True]
    assert faulty('until(done, seconds=300)\nassert "d" not in keys\nassert began <= now()') == [False] * 3


def test_a_limit_on_what_is_called_a_delay_is_found_and_its_order_is_not() -> None:
    limits = ("assert delays[1] < 1", "assert max(seconds_taken) <= 2.5")
    assert all(any(map(limits_what_is_called_so, ast.walk(ast.parse(one)))) for one in limits)
    orders = ("assert delays[0] >= 0", "assert delay < due")
    assert not any(any(map(limits_what_is_called_so, ast.walk(ast.parse(one)))) for one in orders)
