"""The demonstration's people and procedures: seeded once by a process, then put back as rows.

Publishing the examples takes most of a second, and a thousand tests begin with them. That they can be published, by
whom and with which words is proved where that is the question; everybody else may begin with the rows it leaves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from unittest.mock import patch

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from accounts.api import seed_people
from procedures import operations
from procedures.checking import check
from workflows.sample import seed_procedures


@dataclass(frozen=True)
class Table:
    """What seeding left in a table that was empty."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


_checked = cache(check)
"""Two thirds of publishing an example at another hour would go into reading and checking the same text again."""

_kept: dict[datetime, list[Table]] = {}
"""What was seeded at that hour."""


def seed(*, now: datetime) -> None:
    """People and procedures of the demonstration, in a database that may hold other rows."""
    with transaction.atomic():
        kept = _kept.get(now)
        if kept is not None and _are_empty(kept):
            _put_back(kept)
            return
        before = {table.name: table.rows for table in _filled()}
        seed_people(now=now)
        with patch.object(operations, "check", _checked):
            seed_procedures(now=now)
        added = [table for table in _filled() if table.rows != before.get(table.name)]
        if kept is None and not any(table.name in before for table in added):
            _kept[now] = added


def _filled() -> Iterator[Table]:
    with connection.cursor() as cursor:
        for name in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            if rows := cursor.fetchall():
                yield Table(name, tuple(column[0] for column in cursor.description), rows)


def _are_empty(tables: list[Table]) -> bool:
    filled = " OR ".join(f"EXISTS (SELECT 1 FROM {connection.ops.quote_name(table.name)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {filled}")
        return not cursor.fetchone()[0]


def _put_back(tables: list[Table]) -> None:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in tables:
            columns, places = ", ".join(map(quote, table.columns)), ", ".join(["%s"] * len(table.columns))
            cursor.executemany(f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({places})", table.rows)
        names = {table.name for table in tables}
        models = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in names]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
