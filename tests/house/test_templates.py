"""Templates obey the strict content security policy, and each one is used."""

import re
from pathlib import Path

import pytest

from tests.house import tree

INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "a <style> element": re.compile(r"<style\b", re.I),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "an htmx expression": re.compile(r"hx-on|hx-vals=[\"']js:", re.I),
    "a status role, whose own words Orca skips; aria-live is read and said": re.compile(r"role=[\"']status"),
    "another host": re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//", re.I),
}
NOT_PAGES = {"templates/documents/document.html", "templates/notifications/email.html"}
"""What becomes a PDF or a letter, where the policy does not reach and a <style> is the only way."""
BY_NAME = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html", "django/forms/widgets/select.html"}
"""Templates that Django finds by their name."""


def pages() -> list[Path]:
    return [path for path in tree.templates() if path.suffix == ".html" and str(path) not in NOT_PAGES]


@pytest.mark.parametrize("reason", INLINE)
def test_no_page_contains(reason: str) -> None:
    guilty = [str(path) for path in pages() if INLINE[reason].search((tree.ROOT / path).read_text())]
    assert guilty == []


def test_no_template_is_left_unused() -> None:
    sources = [path for path in (*tree.python_files(), *tree.templates()) if path.parts[0] != "tests"]
    text = {path: (tree.ROOT / path).read_text() for path in sources}
    names = {path: str(Path(*path.parts[path.parts.index("templates") + 1 :])) for path in tree.templates()}
    unused = [
        name
        for path, name in names.items()
        if name not in BY_NAME and not any(name in body for other, body in text.items() if other != path)
    ]
    assert unused == []


def test_every_page_says_its_language_and_its_title() -> None:
    base = (tree.ROOT / "templates/base.html").read_text()
    assert re.search(r"<html[^>]*\slang=", base)
    assert "<title>" in base
