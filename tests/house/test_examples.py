"""The engine knows no procedure: no code or template names one of the examples, nor one of their questions."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.house import tree

ENGINE = [*tree.layers(), "config"]


@cache
def examples() -> dict[Path, dict[str, Any]]:
    paths = [path for path in tree.files() if path.parts[0] == "examples" and path.suffix in {".yaml", ".yml"}]
    loaded = {path: YAML(typ="safe").load((tree.ROOT / path).read_text()) for path in paths}
    return {path: data for path, data in loaded.items() if isinstance(data, dict) and "steps" in data}


def fields_of(form: Any) -> Iterator[str]:
    for page in form["pages"]:
        for field in page["fields"]:
            yield field["id"]


def telling_ids() -> set[str]:
    """Ids of questions that could not be ordinary words of the engine: those of two words or more."""
    return {
        name
        for bundle in examples().values()
        for form in bundle.get("forms", [])
        for name in fields_of(form)
        if "_" in name
    } - schema_words()


def schema_words() -> set[str]:
    """Keys and names of the schema itself, of models and of Django, which a question may share by chance."""
    return {
        name
        for path in tree.python_files("procedures", "accounts")
        for node in ast.walk(tree.syntax(path))
        if isinstance(node, ast.AnnAssign | ast.Assign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and (name := target.id)
    }


def strings(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree.syntax(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno


def test_there_are_examples_to_look_for() -> None:
    assert len(examples()) >= 1


def test_no_python_file_names_a_procedure_or_its_questions() -> None:
    forbidden = {bundle["code"] for bundle in examples().values()} | telling_ids()
    found = [
        f"{path}:{line} {text!r}"
        for path in tree.python_files(*ENGINE)
        for text, line in strings(path)
        if text in forbidden
    ]
    assert found == []


def test_no_template_names_a_procedure_or_its_questions() -> None:
    forbidden = {bundle["code"] for bundle in examples().values()} | telling_ids()
    words = re.compile(r"[a-z][a-z0-9_-]+")
    found = [
        f"{path}: {word}"
        for path in tree.templates()
        for word in words.findall((tree.ROOT / path).read_text())
        if word in forbidden and ("_" in word or "-" in word)
    ]
    assert found == []
