"""The permission matrix as data (permission_matrix.txt), and what its test holds against it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse

TABLE = Path(__file__).with_name("permission_matrix.txt")
METHODS = ("GET", "POST")
ANONYMOUS = "anonymous"
OFFICIAL = "official"
"""Whoever is in the role of the step in question."""
PEOPLE = {
    "stranger": "Bruno",
    "applicant": "Ana",
    "representative": "María",
    OFFICIAL: "Beto",
    "colleague": "Carla",
    "other_unit": "Óscar",
    "counter": "Julia",
    "other_agency": "Hugo",
    "designer": "Inés",
}
"""First names of who stands for each column; `colleague` acts in another step of the same procedure."""
ACTORS = (ANONYMOUS, *PEOPLE)
REFUSED = {"sign-in", "401", "403", "404", "405"}
FORGOTTEN = {"django_session", "signatures_attempt"}
"""Tables in which a refused request may write: the visit itself, and how often a code was tried."""


def outcome(response: HttpResponseBase) -> str:
    """What the matrix writes down: the status, or "sign-in" for the way to the identity provider."""
    location = response.headers.get("Location", "")
    return "sign-in" if location.startswith(reverse("accounts:sign_in")) else str(response.status_code)


def fingerprint() -> dict[str, str]:
    """{table: digest of its rows}."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - FORGOTTEN):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
            found[table] = hashlib.sha256(repr(_plain(cursor.fetchall())).encode()).hexdigest()
    return found


@contextmanager
def writing() -> Iterator[list[str]]:
    """The statements of the block that may write: without one, nothing changes and nothing need be read again."""
    sent: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not sql.lstrip().upper().startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent


def _plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows]


@dataclass(frozen=True)
class Row:
    """One line of the matrix."""

    method: str
    name: str
    thing: str
    expected: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.name} of {self.thing}"


def rows() -> Iterator[Row]:
    """The matrix. Columns stand apart by two spaces or more; lines that begin with # are comments."""
    lines = [line.split("  ") for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    header, *body = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert header == ["method", "page", "of", *ACTORS], header
    for method, name, thing, *cells in body:
        assert len(cells) == len(ACTORS), name
        yield Row(method, name, thing, dict(zip(ACTORS, cells, strict=True)))


def pages(resolver: URLResolver | None = None, space: str = "") -> Iterator[str]:
    """The name of every address of the project; an address without a name is its pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name or entry.pattern}"
        else:
            yield from pages(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
