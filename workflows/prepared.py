"""Reads and writes of one shape that every command makes: their SQL is written once, not at each use.

Writing the SQL of a row with forty columns costs Django three times what running it costs the database;
docs/decisions/0007 has the figures. Only the SQL is kept: rows are read anew each time, under the caller's lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.models import Field, Model, QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)

FIRST_MARK = 2**62
"""Stands for the first value while the SQL is written; no id comes near it."""


class WrittenOnce(SQLCompiler):
    """A compiler that keeps its SQL and puts other values in the places of the marks."""

    written: tuple[str, tuple[Any, ...]] | None = None
    values: Mapping[Any, int] = {}
    converters: dict[int, Any] | None = None

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, tuple[Any, ...]]:
        """The same SQL as the first time, with the values of this time."""
        if self.written is None:
            sql, marked = super().as_sql(*args, **kwargs)
            self.written = (sql, tuple(marked))
        sql, marked = self.written
        return sql, tuple(self.values.get(value, value) for value in marked)

    def get_converters(self, expressions: Any) -> dict[int, Any]:
        """How columns become Python values: the same each time."""
        if self.converters is None:
            self.converters = super().get_converters(expressions)
        return self.converters


class PreparedQuery(Query):
    """A query that hands out one compiler for as long as its connection lives."""

    once: WrittenOnce

    def get_compiler(self, using: Any = None, connection: Any = None, elide_empty: bool = True) -> WrittenOnce:
        """The compiler that was made for it."""
        return self.once


class PreparedRead(Generic[Row]):
    """A query whose only values that change are ids.

    `build` makes the query from as many ids as it takes, once for each thread and connection. It may not choose its
    shape by them, nor prefetch.
    """

    def __init__(self, ids: int, build: Callable[..., QuerySet[Row]]) -> None:
        self._marks = tuple(FIRST_MARK + place for place in range(ids))
        self._build = build
        self._kept = threading.local()

    def rows(self, *ids: int) -> list[Row]:
        """The rows as they are now, each a new object."""
        queryset = self._prepared()
        queryset.query.once.values = dict(zip(self._marks, ids, strict=True))
        return list(queryset._iterable_class(queryset))

    def first(self, *ids: int) -> Row | None:
        """The first row, if any."""
        return next(iter(self.rows(*ids)), None)

    def _prepared(self) -> Any:
        connection = connections[DEFAULT_DB_ALIAS]
        kept = getattr(self._kept, "queryset", None)
        if kept is None or kept.query.once.connection is not connection:
            kept = self._kept.queryset = self._build(*self._marks)
            query: Any = kept.query.chain(PreparedQuery)
            query.once = WrittenOnce(query, connection, DEFAULT_DB_ALIAS)
            kept.query = query
        return kept


def insert(row: Model) -> None:
    """INSERT a row whose database gives it its id. Sends no signals; raises IntegrityError as `save` does."""
    connection = connections[DEFAULT_DB_ALIAS]
    sql, fields = _insert_of(type(row))
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(row, fields, add=True))
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(row: Model, names: Iterable[str]) -> None:
    """UPDATE these columns of a stored row. Sends no signals; DatabaseError when the row is gone, as `save` does."""
    connection = connections[DEFAULT_DB_ALIAS]
    sql, fields = _update_of(type(row), frozenset(names))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*_values(row, fields, add=False), row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError(f"{row._meta.label} has no row {row.pk}.")


@cache
def _insert_of(model: type[Model]) -> tuple[str, list[Field[Any, Any]]]:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    key = model._meta.pk
    assert key is not None
    fields = [field for field in model._meta.local_concrete_fields if field is not key]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join("%s" for _field in fields)
    table = quote(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING {table}.{quote(str(key.column))}", fields  # noqa: S608  (names of the model)


@cache
def _update_of(model: type[Model], names: frozenset[str]) -> tuple[str, list[Field[Any, Any]]]:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    key = model._meta.pk
    assert key is not None
    fields = [field for field in model._meta.local_concrete_fields if field.name in names]
    if len(fields) != len(names):
        raise FieldDoesNotExist(f"{model._meta.label} lacks one of {sorted(names)}.")
    changes = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    table = quote(model._meta.db_table)
    return f"UPDATE {table} SET {changes} WHERE {table}.{quote(str(key.column))} = %s", fields  # noqa: S608  (names of the model)


def _values(row: Model, fields: Iterable[Field[Any, Any]], *, add: bool) -> list[Any]:
    connection = connections[DEFAULT_DB_ALIAS]
    return [field.get_db_prep_save(field.pre_save(row, add), connection) for field in fields]
