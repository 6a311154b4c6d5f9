"""Conventions that a machine can keep: writes, settings, commands, machine-independence."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class

from tests.house import tree


def operation_files() -> list[Path]:
    return [
        path
        for path in tree.python_files(*tree.layers())
        if path.name == "operations.py" or path.parent.name in {"operations", "commands"}
        if "management" not in path.parts
    ]


def public_functions(paths: list[Path]) -> Iterator[tree.Function]:
    for function in tree.functions(paths):
        if "." not in function.name and not function.name.startswith("_"):
            yield function


def decorators(node: tree.FunctionNode) -> set[str]:
    return {ast.unparse(item).partition("(")[0] for item in node.decorator_list}


def test_writes_take_keywords_only() -> None:
    positional = [
        str(function)
        for function in public_functions(operation_files())
        if "transaction.atomic" in decorators(function.node)
        and (function.node.args.args or function.node.args.posonlyargs)
    ]
    assert positional == []


def reads_environment(node: ast.AST) -> bool:
    """Whether this is os.getenv(…), os.environ[…] or os.environ.get(…); setting a variable for a child is fine."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Load) and is_named(node.value, "os.environ")
    return is_named(node, "os.environ.get") or is_named(node, "os.getenv")


def is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name.rpartition(".")[2] and ast.unparse(node) == name


def test_rooms_read_no_environment_variable() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in tree.python_files(*tree.layers())
        for node in ast.walk(tree.syntax(path))
        if isinstance(node, ast.expr) and reads_environment(node)
    ]
    assert found == []


def our_commands() -> list[tuple[str, str]]:
    return sorted((name, room) for name, room in get_commands().items() if room in tree.layers())


SPANISH = re.compile(r"\b(de|del|la|el|los|las|un|una|y|en|con|por|al|que|cada)\b")
ENGLISH = re.compile(r"\b(the|of|and|with|for|from|to|all|this|that|is|are)\b")


def is_spanish(text: str) -> bool:
    return bool(SPANISH.search(text.lower())) and not ENGLISH.search(text.lower())


@pytest.mark.parametrize(("name", "room"), our_commands())
def test_every_command_explains_itself_in_spanish(name: str, room: str) -> None:
    command = load_command_class(room, name)
    assert is_spanish(command.help), f"{name}: {command.help!r}"
    parser = command.create_parser("manage.py", name)
    own = [action for action in parser._actions if action.dest not in DJANGOS | inherited(command)]
    assert [action.dest for action in own if ENGLISH.search((action.help or "").lower())] == []


def inherited(command: BaseCommand) -> set[str]:
    """The options of a command of Django's that ours only adds something to."""
    parents = [cls for cls in type(command).__mro__ if cls.__module__.startswith("django.core.management.commands.")]
    parsers = [parent().create_parser("manage.py", "") for parent in parents]
    return {action.dest for parser in parsers for action in parser._actions}


DJANGOS = {
    *("help", "version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks"),
}
"""Options that Django adds to every command, in its own words."""


def test_the_language_detector_can_tell() -> None:
    assert is_spanish("Muestra los trabajos en espera.")
    assert not is_spanish("Shows the waiting jobs.")


MACHINE = re.compile(r"/root/|/home/\w+/|/Users/\w+/|/work/\w+|\b(?:10|192\.168)\.\d+\.\d+\.\d+\b")
PROSE = {".md", ".py", ".sh", ".toml", ".html", ".css", ".js", ".yaml", ".yml", ".json", ".csv", ".lock", ".txt", ""}


def test_nothing_names_a_machine() -> None:
    found = [
        f"{path}: {match.group()}"
        for path in tree.files()
        if path.suffix in PROSE and path != Path("tests/house/test_conventions.py")
        for match in MACHINE.finditer((tree.ROOT / path).read_text(errors="ignore"))
    ]
    assert found == []


def test_scripts_start_everywhere() -> None:
    for name in ("run", "test", ".ci/run"):
        path = tree.ROOT / name
        assert path.stat().st_mode & 0o111 == 0o111, f"{name} is not executable"
        assert path.read_text().startswith("#!/bin/sh\n"), f"{name} asks for more than a POSIX shell"


def test_no_form_tells_a_screen_reader_that_an_empty_question_is_already_wrong() -> None:
    """Firefox calls invalid whatever is empty and `required`; the answer of the server says what is missing."""
    guilty = []
    for path in tree.python_files(*tree.layers()):
        text = (tree.ROOT / path).read_text()
        made = re.findall(r"^class \w+\(forms\.(?:Model)?Form\):", text, re.M)
        if len(made) > text.count("use_required_attribute = False"):
            guilty.append(str(path))
    assert guilty == []
