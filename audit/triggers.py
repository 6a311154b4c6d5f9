"""Triggers that keep a table append-only, on SQLite and on PostgreSQL.

A migration lists `append_only("table")`. Adding a column with a default or changing one makes Django rebuild
the table on SQLite, which loses its triggers: repeat the operation in that migration. `missing_guards`, which
`verify_audit` prints, finds a table that lost them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

REFUSAL = "append-only table"


class AppendOnly(Operation):
    """Refuses DELETE, TRUNCATE and UPDATE of a table, except of the columns named."""

    reversible = True

    def __init__(self, table: str, allow_update_of: Sequence[str] = (), allow_null_of: Sequence[str] = ()) -> None:
        self.table = table
        self.allow_update_of = tuple(allow_update_of)
        self.allow_null_of = tuple(allow_null_of)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How a migration writes this operation down."""
        return "AppendOnly", [self.table, self.allow_update_of, self.allow_null_of], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models do not change."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Makes the triggers, replacing those of an earlier migration."""
        self.guard(schema_editor.connection)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drops the triggers."""
        self.lift(schema_editor.connection)

    def describe(self) -> str:
        """One line for `migrate`."""
        return f"Keep table {self.table} append-only"

    def guard(self, connection: BaseDatabaseWrapper) -> None:
        """Makes the triggers on this connection's database."""
        self.lift(connection)
        _run(connection, _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE, self._names(connection))

    def lift(self, connection: BaseDatabaseWrapper) -> None:
        """Drops the triggers, if they are there."""
        on_table = f" ON {_quoted(connection, self.table)}" if connection.vendor == "postgresql" else ""
        statements = [f'DROP TRIGGER IF EXISTS "{name}"{on_table}' for name in self.trigger_names()]
        _run(connection, statements, {})

    def trigger_names(self) -> list[str]:
        """The names of all triggers that either database may have for this table."""
        return [f"{self.table}_no_{change}" for change in ("update", "delete", "truncate")]

    def _names(self, connection: BaseDatabaseWrapper) -> dict[str, str]:
        table = _quoted(connection, self.table)
        return {"table": table, "plain": self.table, "changed": self._changed(connection), "refusal": REFUSAL}

    def _changed(self, connection: BaseDatabaseWrapper) -> str:
        """The SQL condition under which an UPDATE is refused."""
        with connection.cursor() as cursor:
            described = connection.introspection.get_table_description(cursor, self.table)
        locked = [column.name for column in described if column.name not in self.allow_update_of]
        differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
        parts = []
        for name in locked:
            column = _quoted(connection, name)
            unless_null = f" AND NEW.{column} IS NOT NULL" if name in self.allow_null_of else ""
            parts.append(f"(OLD.{column} {differs} NEW.{column}{unless_null})")
        return " OR ".join(parts) if self.allow_update_of or self.allow_null_of else "true"


append_only = AppendOnly
"""What migrations write: `append_only("audit_event")`."""

_SQLITE = [
    """CREATE TRIGGER "{plain}_no_update" BEFORE UPDATE ON {table} FOR EACH ROW WHEN {changed}
       BEGIN SELECT RAISE(ABORT, '{refusal}'); END""",
    """CREATE TRIGGER "{plain}_no_delete" BEFORE DELETE ON {table} FOR EACH ROW
       BEGIN SELECT RAISE(ABORT, '{refusal}'); END""",
]

_POSTGRESQL = [
    """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER "{plain}_no_update" BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed})
       EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "{plain}_no_delete" BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "{plain}_no_truncate" BEFORE TRUNCATE ON {table} FOR EACH STATEMENT
       EXECUTE FUNCTION refuse_change()""",
]

_TRIGGERS_QUERY = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}


def guards() -> dict[str, AppendOnly]:
    """The guard that the migrations declare for each table; the latest one wins."""
    loader = MigrationLoader(None)
    plan = [key for key in loader.graph.nodes if key in loader.disk_migrations]
    operations = (op for key in sorted(plan) for op in loader.disk_migrations[key].operations)
    return {op.table: op for op in operations if isinstance(op, AppendOnly)}


def missing_guards() -> list[str]:
    """The tables that should be append-only and have lost a trigger."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS_QUERY[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    changes = ("update", "delete", "truncate") if connection.vendor == "postgresql" else ("update", "delete")
    return [table for table in sorted(guards()) if any(f"{table}_no_{change}" not in present for change in changes)]


@contextmanager
def lifted() -> Iterator[None]:
    """Takes every guard away for a while, to empty a demonstration or a test database."""
    declared = guards().values()
    for guard in declared:
        guard.lift(connection)
    try:
        yield
    finally:
        for guard in declared:
            guard.guard(connection)


def _run(connection: BaseDatabaseWrapper, statements: Sequence[str], names: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(**names) if names else statement)


def _quoted(connection: BaseDatabaseWrapper, name: str) -> str:
    return connection.ops.quote_name(name)
