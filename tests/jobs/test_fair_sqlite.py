"""Writers on one SQLite file wait for their turn; a network disk is refused."""

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections, transaction
from django.db.backends.sqlite3 import base as plain_sqlite
from django.db.utils import ConnectionHandler

from config.fair_sqlite import base, mounts
from config.fair_sqlite.base import DatabaseWrapper
from tests.jobs.databases import environment, together


@pytest.fixture
def connection(tmp_path: Path, django_db_blocker: Any) -> Iterator[DatabaseWrapper]:
    """A connection of its own to a file database, reachable as alias "fair"."""
    described = {
        **ConnectionHandler({"default": {}}).settings["default"],
        "ENGINE": "config.fair_sqlite",
        "NAME": str(tmp_path / "fair.sqlite3"),
        "OPTIONS": settings.SQLITE_OPTIONS,
        "TIME_ZONE": None,
    }
    made = DatabaseWrapper(described, "fair")
    connections["fair"] = made
    with django_db_blocker.unblock():
        yield made
        made.close()
    del connections["fair"]


def turn_is_taken(connection: DatabaseWrapper, ending: str = "lock") -> bool:
    with Path(f"{connection.settings_dict['NAME']}.{ending}").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_sqlite_that_is_too_old_is_refused_by_name() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"SQLite 3\.34\.1 y hace falta la 3\.35"):
        base.refuse_old((3, 34, 1))
    base.refuse_old((3, 35, 0))


def test_the_turn_is_held_exactly_during_the_transaction(connection: DatabaseWrapper) -> None:
    with transaction.atomic(using="fair"):
        assert turn_is_taken(connection)
        with transaction.atomic(using="fair"):
            assert turn_is_taken(connection)
        assert turn_is_taken(connection)
    assert not turn_is_taken(connection)


def test_a_rollback_gives_the_turn_back(connection: DatabaseWrapper) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic(using="fair"):
        raise ZeroDivisionError
    assert not turn_is_taken(connection)


def test_closing_in_the_middle_of_a_transaction_gives_the_turn_back(connection: DatabaseWrapper) -> None:
    with transaction.atomic(using="fair"):
        connection.close()
        assert not turn_is_taken(connection)


def test_a_transaction_that_cannot_begin_gives_the_turn_back(connection: DatabaseWrapper) -> None:
    connection.settings_dict["OPTIONS"] = {**connection.settings_dict["OPTIONS"], "timeout": 0}
    intruder = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError), transaction.atomic(using="fair"):
        raise AssertionError("the database was locked by somebody who does not queue")
    assert not turn_is_taken(connection)
    intruder.close()


WRITER = """
import sys
from django.db import OperationalError, connection, transaction
rounds, refused = int(sys.argv[1]), 0
for turn in range(rounds):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT n FROM counter")
            n = cursor.fetchone()[0]
            if MEETS and turn == 0:
                meet()
            cursor.execute("UPDATE counter SET n = %s", [n + 1])
    except OperationalError:
        refused += 1
print(refused)
"""
FAIR = "MEETS = False\n"
UNFAIR = """
from django.conf import settings
settings.DATABASES['default']['OPTIONS']['transaction_mode'] = 'DEFERRED'
MEETS = True
"""
"""All read the counter before one of them writes it."""


def refused_and_counted(folder: Path, code: str, meetings: int = 1) -> tuple[int, int]:
    """How many transactions of four writers were refused, and what the counter says at the end."""
    database = folder / "sinpapeleo.sqlite3"
    with sqlite3.connect(database) as made:
        made.executescript("PRAGMA journal_mode=WAL; CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0)")
    env = environment(folder)
    refused = sum(int(printed) for printed in together(code, "60", env=env, processes=4, meetings=meetings))
    with sqlite3.connect(database) as read:
        counted: int = read.execute("SELECT n FROM counter").fetchone()[0]
    made.close()
    read.close()
    return refused, counted


def test_four_writing_processes_lose_no_update_and_none_is_refused(tmp_path: Path) -> None:
    assert refused_and_counted(tmp_path, FAIR + WRITER) == (0, 240)


def test_control_without_the_immediate_turn_writers_are_refused(tmp_path: Path) -> None:
    refused, counted = refused_and_counted(tmp_path, UNFAIR + WRITER, meetings=2)
    assert refused > 0
    assert counted == 240 - refused


OPENERS = """
import sys
from pathlib import Path
from django.db import OperationalError, connections
refused = 0
for file in sorted(Path(sys.argv[1]).glob("*.sqlite3")):
    connections["default"].settings_dict["NAME"] = str(file)
    meet()
    try:
        connections["default"].ensure_connection()
    except OperationalError:
        refused += 1
    connections["default"].close()
print(refused)
"""


def test_processes_that_open_a_restored_file_at_once_are_not_refused(tmp_path: Path) -> None:
    files = 10
    for number in range(files):
        with closing(sqlite3.connect(tmp_path / f"{number}.sqlite3")) as restored:  # not yet with write-ahead log
            restored.execute("CREATE TABLE kept (n INTEGER)")
    said = together(OPENERS, str(tmp_path), env=environment(tmp_path), processes=4, meetings=files + 1)
    assert said == ["0\n"] * 4


def test_the_turn_to_open_is_held_exactly_while_one_opens(
    connection: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = watch_opening(monkeypatch, lambda: turn_is_taken(connection, "opening"))
    connection.ensure_connection()
    assert opened == [True]
    assert not turn_is_taken(connection, "opening")


def test_whoever_cannot_open_gives_the_turn_back(connection: DatabaseWrapper) -> None:
    connection.settings_dict["OPTIONS"] = {"init_command": "nothing that SQLite understands"}
    with pytest.raises(OperationalError):
        connection.ensure_connection()
    assert not turn_is_taken(connection, "opening")


def test_control_without_turns_two_open_at_the_same_moment(
    connection: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2, timeout=300)
    opened = watch_opening(monkeypatch, both.wait)
    monkeypatch.setattr(fcntl, "flock", lambda _file, _how: None)
    other = threading.Thread(target=connection.get_new_connection, args=[connection.get_connection_params()])
    other.start()
    connection.ensure_connection()
    other.join()
    assert len(opened) == 2


def watch_opening(monkeypatch: pytest.MonkeyPatch, look: Callable[[], Any]) -> list[Any]:
    """What `look` returns each time that somebody is about to open the file."""
    found: list[Any] = []

    def opened(_self: object, _parameters: object) -> sqlite3.Connection:
        found.append(look())
        return sqlite3.connect(":memory:")

    monkeypatch.setattr(plain_sqlite.DatabaseWrapper, "get_new_connection", opened)
    return found


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
proc /proc proc rw 0 0
server:/datos /srv/datos nfs4 rw 0 0
/dev/sdb1 /srv/datos/local xfs rw 0 0
//oficina/compartido /mnt/con\\040espacio cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/x.sqlite3", "ext4"),
        ("/srv/datos/x.sqlite3", "nfs4"),
        ("/srv/datos/local/x.sqlite3", "xfs"),
        ("/srv/datos2/x.sqlite3", "ext4"),
        ("/mnt/con espacio/x.sqlite3", "cifs"),
    ],
)
def test_the_innermost_mount_decides_the_file_system(path: str, kind: str) -> None:
    assert mounts.file_system_of(Path(path), MOUNTS) == kind


def test_a_database_on_a_network_disk_is_refused_and_the_sentence_says_what_to_do(
    connection: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "network_file_system_of", lambda path: "nfs4")
    with pytest.raises(ImproperlyConfigured, match=r"disco de red .nfs4.*SINPAPELEO_DATA"):
        connection.connect()
