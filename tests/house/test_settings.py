"""Every environment variable that anything reads is in docs/settings.md, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from tests.house import tree

READERS = {"text", "flag", "number", "get", "getenv", "pop", "setdefault"}
STANDARD = {
    "PATH",
    "HOME",
    "DJANGO_SETTINGS_MODULE",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
    "LANG",
    "LC_ALL",
    "PWD",
    "PYTHONPATH",
}
"""Not ours: the system's, Django's, Python's."""
SHELL_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]+)[:}]")


class Reading(ast.Subscript):
    """`os.environ["NAME"]` where it is read."""

    slice: ast.Constant


def reads_one(node: ast.AST) -> TypeGuard[Reading]:
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.slice, ast.Constant)
        and ast.unparse(node.value) == "os.environ"
    )


def read_by_python() -> Iterator[str]:
    for path in tree.python_files():
        for node in ast.walk(tree.syntax(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS:
                owner = ast.unparse(node.func.value)
                if owner in {"env", "os.environ", "os"} and node.args and isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value)
            elif reads_one(node):
                yield str(node.slice.value)


def read_by_scripts() -> Iterator[str]:
    for name in ("run", "test", ".ci/run"):
        yield from SHELL_VARIABLE.findall((tree.ROOT / name).read_text())


def documented() -> set[str]:
    rows = re.findall(r"^\| (`[^|]+`) \|", (tree.ROOT / "docs/settings.md").read_text(), re.M)
    return {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}


def test_the_settings_page_lists_what_is_read() -> None:
    read = {*read_by_python(), *read_by_scripts()} - STANDARD
    assert read == documented()
