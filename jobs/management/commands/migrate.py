"""`manage.py migrate`: Django's, except that a database without tables gets all of them at once.

Migration after migration, Django builds every model again at almost every change of any, which takes six times longer
than making the tables. A new database needs none of the states in between: it gets the tables as the migrations
together leave them, then what migrations do besides (triggers, functions, first rows), and counts as migrated.
What only moves rows that are there already says so, with `elidable=True`, and is left out.

Of several processes that migrate one database at once, as when all of a site start together, one does and the others
wait and find it done.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.operations.models import IndexOperation, ModelOperation
from django.db.migrations.operations.special import SeparateDatabaseAndState
from django.db.migrations.recorder import MigrationRecorder

OF_THE_TABLES = (ModelOperation, FieldOperation, IndexOperation)
"""Operations whose whole effect is on what the models are in the end."""
PARTIAL = ("app_label", "migration_name", "plan", "check_unapplied", "fake", "fake_initial", "prune")
"""Options that ask for something else than bringing the whole database up to date."""
ONLY_READ = ("plan", "check_unapplied")
"""Options that change nothing."""
WAITING = "Otro proceso está migrando esta base de datos: se espera a que termine."
TURN_LOST = (
    "Se cortó la conexión que guardaba el turno de migrar: otro proceso pudo migrar a la vez. "
    "Repite «migrate» y revisa con «migrate --check»."
)
TURN = 0x5350_4D49
"""Key of PostgreSQL's advisory lock."""
WITHOUT_LIMITS = """
SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN (
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout'
)
"""
"""However long the others wait and the one migrates: of this transaction alone, and whichever the server has."""


class Command(migrate.Command):
    """Exit codes and output are Django's."""

    help = "Lleva la base de datos a la forma que este código espera; a una nueva le da todas las tablas de una vez."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the tables of a database that has none; then do whatever Django would; alone, if anything may change."""
        connection = connections[options["database"]]
        if any(options.get(name) for name in ONLY_READ):
            super().handle(*args, **options)
            return
        with alone(connection, lambda: self.stderr.write(WAITING)):
            self._migrate(connection, *args, **options)

    def _migrate(self, connection: BaseDatabaseWrapper, *args: Any, **options: Any) -> None:
        if not any(options.get(name) for name in PARTIAL) and is_new(connection):
            made = make_all_tables(connection)
            if made and options["verbosity"] >= 1:
                self.stdout.write(f"Todas las tablas de una vez, como las dejan {made} migraciones.")
        super().handle(*args, **options)


@contextmanager
def alone(connection: BaseDatabaseWrapper, busy: Callable[[], None]) -> Iterator[None]:
    """Keep other processes that migrate the same database waiting; `busy` is called before we wait for one.

    The turn ends with the process that has it. On PostgreSQL it belongs to a transaction of a connection of its own, so
    that it holds too where a pooler lends sessions by the transaction. Raises CommandError at the end where that
    connection broke meanwhile: another process may have migrated at the same time.
    """
    if connection.vendor == "postgresql":
        with closing(connection.copy()) as own:
            own.set_autocommit(False)
            with own.cursor() as cursor:
                cursor.execute(WITHOUT_LIMITS)
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TURN])
                if not cursor.fetchone()[0]:
                    busy()
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
            yield
            try:
                own.commit()
            except DatabaseError as error:
                raise CommandError(TURN_LOST) from error
    elif connection.is_in_memory_db():  # type: ignore[attr-defined]  # of SQLite's wrapper
        yield
    else:
        with Path(f"{connection.settings_dict['NAME']}.migrating").open("ab") as turn:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                busy()
                fcntl.flock(turn, fcntl.LOCK_EX)
            yield


def make_all_tables(connection: BaseDatabaseWrapper) -> int:
    """Make all tables of an empty database in one transaction; how many migrations that spared.

    0, and nothing is made, where the migrations are in conflict with each other: Django says so later.
    """
    executor = MigrationExecutor(connection)
    plan = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if executor.loader.detect_conflicts():
        return 0
    state = executor.loader.project_state()
    executor.recorder.ensure_schema()
    with connection.schema_editor(atomic=True) as editor:
        for model in state.apps.get_models():
            if model._meta.app_label in executor.loader.migrated_apps and model._meta.can_migrate(connection):
                editor.create_model(model)
        while editor.deferred_sql:  # keys to other tables, and indexes
            editor.execute(editor.deferred_sql.pop(0))
        for migration, operation in _besides(plan):
            operation.database_forwards(migration.app_label, editor, state, state)
        for migration in plan:
            executor.record_migration(migration)  # type: ignore[arg-type,call-arg]  # the stubs lag behind
    return len(plan)


def is_new(connection: BaseDatabaseWrapper) -> bool:
    """Whether there is no table yet, but perhaps the one of applied migrations, still empty."""
    applied = MigrationRecorder(connection).applied_migrations()
    return not applied and set(connection.introspection.table_names()) <= {MigrationRecorder.Migration._meta.db_table}


def _besides(plan: list[Migration]) -> Iterator[tuple[Migration, Operation]]:
    """What a new database needs besides its tables, in order."""
    for migration in plan:
        for operation in migration.operations:
            if isinstance(operation, SeparateDatabaseAndState):
                raise NotImplementedError(f"{migration}: tell what a new database needs of {operation}")
            if not isinstance(operation, OF_THE_TABLES) and not operation.elidable:
                yield migration, operation
