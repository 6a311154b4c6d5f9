"""A new database gets its tables at once: those of one that went through all migrations, from wherever it stood."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from jobs.management.commands import migrate
from tests.jobs import databases
from tests.services import migrated
from tests.services.pooler import SESSIONS, transaction_pooler
from tests.services.postgres import PostgresServer

STOPS = (
    ("auth", "0012"),
    ("workflows", "0002"),
    ("procedures", "0004"),
    ("participation", "0006"),
    ("workflows", "0017"),
    ("workflows", "0034"),
)
"""Where a database on the road may stand; a migration for some of the rooms only is always Django's own."""
THROUGH_ALL = f"""
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
for stop in [*{STOPS}, ()]:
    call_command("migrate", *stop, verbosity=0)
    print(len(MigrationRecorder(connection).applied_migrations()))
"""
ON_POSTGRESQL = (
    """SELECT 'column', table_name::text, column_name::text, data_type::text, character_maximum_length::text,
              is_nullable::text, column_default::text, is_identity::text
         FROM information_schema.columns WHERE table_schema = 'public'""",
    "SELECT 'index', tablename::text, indexdef::text FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), convalidated::text
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "SELECT 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    """SELECT 'function', proname::text, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
    "SELECT 'applied', app::text, name::text FROM django_migrations",
)
LEAST = {"table": 100, "column": 800, "index": 300, "constraint": 300, "trigger": 30, "function": 1, "applied": 100}
"""How many of each a comparison must have seen, where the database tells of them."""

Facts = set[tuple[str | None, ...]]


def of_sqlite(file: Path) -> Facts:
    """Everything in its schema; the columns of a table in no order, since code names them."""
    with closing(sqlite3.connect(file)) as made:
        schema = made.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        facts: Facts = {("applied", *row) for row in made.execute("SELECT app, name FROM django_migrations")}
        tables = [name for kind, name, *_ in schema if kind == "table" and name != "sqlite_sequence"]
        facts |= {("rows", name, str(rows_of(made, name))) for name in tables}
    for kind, name, table, text in schema:
        shown = " ".join((text or "").split())
        facts.add((kind, name, table, "" if kind == "table" else shown))
        if kind == "table":
            facts |= {("part", name, part) for part in parts(shown)}
    return facts


def rows_of(made: sqlite3.Connection, table: str) -> int:
    found: int = made.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]
    return found


def parts(statement: str) -> Iterator[str]:
    """The columns and constraints between the outermost brackets of a CREATE TABLE."""
    depth, part = 0, ""
    for char in statement[statement.index("(") + 1 : statement.rindex(")")]:
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += char
    yield part.strip()


def of_postgresql(url: str) -> Facts:
    with psycopg.connect(url) as made:
        return {tuple(row) for query in ON_POSTGRESQL for row in made.execute(query)}


def go_through_all(env: dict[str, str]) -> None:
    """Migrate an empty database from stop to stop, as one of a first version was brought up to date."""
    applied = [int(line) for line in databases.output(databases.python(THROUGH_ALL, env=env)).split()]
    assert applied == sorted(set(applied)), "each stop is on the road"


def assert_saw_enough(facts: Facts) -> None:
    for kind in {str(fact[0]) for fact in facts} & set(LEAST):
        assert len([fact for fact in facts if fact[0] == kind]) >= LEAST[kind], kind


@pytest.mark.timeout(1200)
def test_a_new_sqlite_file_is_as_one_that_went_through_all_migrations(tmp_path: Path) -> None:
    go_through_all(databases.environment(tmp_path))
    at_once, through_all = of_sqlite(migrated.sqlite_file()), of_sqlite(tmp_path / "sinpapeleo.sqlite3")
    assert at_once ^ through_all == set()
    assert_saw_enough(at_once)


@pytest.mark.timeout(1200)
@pytest.mark.services
def test_a_new_postgresql_database_is_as_one_that_went_through_all_migrations(
    tmp_path: Path, postgres_server: PostgresServer, postgres_url: str
) -> None:
    with postgres_server.database("sinpapeleo_by_steps") as by_steps:
        go_through_all(databases.environment(tmp_path, DATABASE_URL=by_steps))
        at_once, through_all = of_postgresql(postgres_url), of_postgresql(by_steps)
    assert at_once ^ through_all == set()
    assert_saw_enough(at_once)


FAILS_ONCE = """
import json
from django.core.management import call_command
from django.db import connection
from django.db.migrations.operations import RunPython
from jobs.management.commands import migrate

def fail(apps, editor):
    raise ZeroDivisionError

def with_one_more(plan):
    yield from besides(plan)
    yield plan[-1], RunPython(fail)

besides, migrate._besides = migrate._besides, with_one_more
try:
    call_command("migrate", verbosity=0)
except ZeroDivisionError:
    left = connection.introspection.table_names()
migrate._besides = besides
call_command("migrate", run_syncdb=True)  # as a test database is made
print(json.dumps([left, len(connection.introspection.table_names())]))
"""


def test_where_one_step_fails_nothing_is_made_and_the_next_attempt_makes_all(tmp_path: Path) -> None:
    *said, last = databases.output(databases.python(FAILS_ONCE, env=databases.environment(tmp_path))).splitlines()
    left, made = json.loads(last)
    assert left == ["django_migrations"]
    assert made >= LEAST["table"]
    assert "de una vez" in said[0]


TWO = """
from django.core.management import call_command
call_command("migrate")
"""
MEETING = """
from contextlib import nullcontext
from django.core.management import call_command
from jobs.management.commands import migrate

def met(connection, known=migrate.is_new):
    found = known(connection)
    meet()
    return found

migrate.is_new, migrate.alone = met, lambda connection, busy: nullcontext()
call_command("migrate", verbosity=0)
"""


def two_at_once(env: dict[str, str]) -> None:
    """One process makes all tables and the other finds them made."""
    said = databases.together(TWO, env=env, processes=2)
    assert sorted("de una vez" in one for one in said) == [False, True]
    assert sum("No migrations to apply" in one or "No hay migraciones" in one for one in said) >= 1


@pytest.mark.timeout(600)
def test_of_two_processes_that_migrate_a_new_sqlite_file_one_does_and_the_other_waits(tmp_path: Path) -> None:
    for folder in ("held", "control"):
        (tmp_path / folder).mkdir()
    two_at_once(databases.environment(tmp_path / "held"))
    with pytest.raises(AssertionError, match="already exists"):  # the control: without the turn
        databases.together(MEETING, env=databases.environment(tmp_path / "control"), processes=2, meetings=2)


@pytest.mark.timeout(600)
@pytest.mark.services
def test_of_two_processes_that_migrate_a_new_postgresql_database_one_does_and_the_other_waits(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    with postgres_server.database("sinpapeleo_two") as held, postgres_server.database("sinpapeleo_race") as control:
        two_at_once(databases.environment(tmp_path, DATABASE_URL=held))
        env = databases.environment(tmp_path, DATABASE_URL=control)
        with pytest.raises(AssertionError, match="already exists"):
            databases.together(MEETING, env=env, processes=2, meetings=2)


@pytest.mark.timeout(600)
@pytest.mark.services
def test_behind_a_pooler_that_lends_sessions_by_transaction_one_process_migrates_and_the_other_waits(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """What a session holds, as an advisory lock of its own, is of nobody there: the next statement has another one."""
    with postgres_server.database("sinpapeleo_pooled") as held, transaction_pooler(held) as pooled:
        with psycopg.connect(pooled, autocommit=True, prepare_threshold=None) as client:
            sessions = {client.execute("SELECT pg_backend_pid()").fetchone() for _ in range(SESSIONS)}
        assert len(sessions) == SESSIONS
        two_at_once(
            databases.environment(tmp_path, DATABASE_URL=pooled, SINPAPELEO_PREPARED_STATEMENTS="no"),
        )
        with psycopg.connect(held) as past:
            assert past.execute("SELECT * FROM pg_locks WHERE locktype = 'advisory'").fetchall() == []


@pytest.mark.timeout(600)
@pytest.mark.services
def test_the_turn_outlives_the_time_that_the_server_gives_an_idle_transaction(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """As the page on production sets it for everybody; migrating takes longer than that."""
    with postgres_server.database("sinpapeleo_idle") as url:
        with psycopg.connect(url, autocommit=True) as past:
            past.execute("ALTER DATABASE sinpapeleo_idle SET idle_in_transaction_session_timeout = '10ms'")
            past.execute("ALTER DATABASE sinpapeleo_idle SET statement_timeout = '20s'")
        env = databases.environment(tmp_path, DATABASE_URL=url)
        assert databases.output(databases.python(HELD, env=env)).split() == ["True"]


HELD = """
from django.db import connection
from jobs.management.commands.migrate import TURN, alone

with alone(connection, lambda: None):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.2)")  # the server's time, not this process's
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TURN])
        print(not cursor.fetchone()[0])
"""


@pytest.mark.django_db
def test_only_a_database_without_tables_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not migrate.is_new(connection)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda recorder: {})
    assert not migrate.is_new(connection)
    monkeypatch.setattr(connection.introspection, "table_names", lambda: ["theirs"])
    assert not migrate.is_new(connection)
    monkeypatch.setattr(connection.introspection, "table_names", lambda: ["django_migrations"])
    assert migrate.is_new(connection)
