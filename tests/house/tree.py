"""The repository as data: its files, functions and layers."""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PASSING = {".git", ".venv", "var", "__pycache__"}
"""Folders that are not part of the repository; see also .gitignore."""

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def layers() -> list[str]:
    """The rooms, top to bottom, without the wiring."""
    contract = project()["tool"]["importlinter"]["contracts"][0]
    return [name for name in contract["layers"] if name != "config"]


@cache
def files() -> list[Path]:
    """Every file of the repository, relative to its root; caches of tools are left out."""

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and path.name not in PASSING and not path.name.endswith("_cache"):
                yield from walk(path)
            elif path.is_file() and path.suffix != ".pyc" and path.name not in {".coverage", ".git"}:
                yield path.relative_to(ROOT)

    return [path for path in walk(ROOT) if path.parts[0] != ".hypothesis"]


def python_files(*tops: str) -> list[Path]:
    """Python files below these top folders (everywhere when none is named), without migrations."""
    return [
        path
        for path in files()
        if path.suffix == ".py" and "migrations" not in path.parts and (not tops or path.parts[0] in tops)
    ]


def templates() -> list[Path]:
    """Every template, relative to the root: HTML pages and plain texts."""
    return [path for path in files() if "templates" in path.parts and path.suffix in {".html", ".txt", ".svg"}]


@cache
def syntax(path: Path) -> ast.Module:
    """The syntax tree of a file named relative to the root."""
    return ast.parse((ROOT / path).read_text(), filename=str(path))


@dataclass(frozen=True)
class Function:
    """A function of the repository."""

    path: Path
    name: str
    node: FunctionNode

    def __str__(self) -> str:
        return f"{self.path}::{self.name}"

    @property
    def length(self) -> int:
        """Lines from `def` to its end, without the docstring: words that explain are not a fault."""
        first = self.node.body[0]
        words = 0
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            words = (first.end_lineno or 0) - first.lineno + 1
        return (self.node.end_lineno or 0) - self.node.lineno + 1 - words


def functions(paths: list[Path]) -> Iterator[Function]:
    """Functions and methods of these files, with the names of the classes around them."""

    def visit(path: Path, node: ast.AST, prefix: str) -> Iterator[Function]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, FunctionNode):
                yield Function(path, prefix + child.name, child)
            if isinstance(child, FunctionNode | ast.ClassDef):
                yield from visit(path, child, f"{prefix}{child.name}.")
            else:
                yield from visit(path, child, prefix)

    for path in paths:
        yield from visit(path, syntax(path), "")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """(module, line) of each absolute import of a file; `from a import b` gives a.b too."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if "." in node.module:
                yield node.module, node.lineno
            else:
                yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
