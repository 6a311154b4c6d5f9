"""What the pages promise exists: links, commands, benches."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.core.management import get_commands

from bench.__main__ import names as bench_names
from tests.house import tree


def pages() -> list[Path]:
    return [path for path in tree.files() if path.suffix == ".md"]


def promised(pattern: str) -> Iterator[tuple[Path, str]]:
    for path in pages():
        for found in re.findall(pattern, (tree.ROOT / path).read_text()):
            yield path, found


def test_every_link_leads_to_a_file() -> None:
    links = promised(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    assert [f"{page}: {link}" for page, link in links if not (tree.ROOT / page.parent / link).exists()] == []


def test_every_command_of_the_one_script_exists() -> None:
    script = (tree.ROOT / "run").read_text()
    described = set(re.findall(r"^\./run ([a-z]+)", script, re.M))
    handled = {word for labels in re.findall(r"^    ([a-z |-]+)\)", script, re.M) for word in labels.split(" | ")}
    assert {command for _, command in promised(r"\./run ([a-z]+)")} <= described
    assert described <= handled


def test_every_management_command_exists() -> None:
    named = {command for _, command in promised(r"(?:manage\.py|\./run manage) ([a-z_]+)")}
    assert named - set(get_commands()) - {"help"} == set()


def test_every_bench_exists() -> None:
    assert {name for _, name in promised(r"\./run bench ([a-z_]+)")} <= set(bench_names())
