"""Django's SQLite backend with writers that queue.

SQLite's own busy handler sleeps in growing steps, so that a few writers can wait seconds while others pass.
Here every writing transaction first takes an exclusive lock on a file beside the database: the kernel wakes
the waiters in order, and SQLite never finds itself busy.
"""

import fcntl
import os
from pathlib import Path
from sqlite3 import sqlite_version_info
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.sqlite3 import base

from config.fair_sqlite.mounts import network_file_system_of

OLDEST = (3, 35)
"""The first SQLite that gives back the rows it writes (RETURNING)."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes the turn just before BEGIN IMMEDIATE and gives it back at COMMIT, ROLLBACK or close.

    The wait has no limit, as the one who holds the turn is either at work or killed by the supervisor.
    """

    transaction_mode: str | None
    _turn: int | None = None
    """Open file that holds the turn, while a transaction runs."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; ImproperlyConfigured when SQLite is too old or the file lies on a network file system.

        One process opens at a time: SQLite does not wait, but refuses, while another turns a new or restored file to
        write-ahead log. This is not the writers' turn, which somebody may hold who waits for us.
        """
        refuse_old(sqlite_version_info)
        if self.is_in_memory_db():
            return super().get_new_connection(conn_params)
        refuse_network(Path(self.settings_dict["NAME"]))
        turn = self._turn_in("opening")
        try:
            return super().get_new_connection(conn_params)
        finally:
            _give_back(turn)

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode != "IMMEDIATE" or self.is_in_memory_db():
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
            return
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn_back()
            raise

    def _commit(self) -> Any:
        result = super()._commit()  # type: ignore[misc]
        self._give_turn_back()
        return result

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn_back()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._give_turn_back()

    def _take_turn(self) -> None:
        self._turn = self._turn_in("lock")

    def _turn_in(self, ending: str) -> int:
        """The open file of that name beside the database, ours alone; waits for whoever has it."""
        turn = os.open(f"{self.settings_dict['NAME']}.{ending}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
        except BaseException:
            os.close(turn)
            raise
        return turn

    def _give_turn_back(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            _give_back(turn)


def _give_back(turn: int) -> None:
    fcntl.flock(turn, fcntl.LOCK_UN)  # said aloud: a forked child may still hold a copy of the open file
    os.close(turn)


def refuse_old(version: tuple[int, ...]) -> None:
    """ImproperlyConfigured when `version` of SQLite is older than what the product's statements need."""
    if version < OLDEST:
        has, needs = (".".join(map(str, one)) for one in (version, OLDEST))
        raise ImproperlyConfigured(
            f"El Python que usas trae SQLite {has} y hace falta la {needs} o una más nueva. "
            "Usa otro Python, o PostgreSQL con DATABASE_URL."
        )


def refuse_network(database: Path) -> None:
    """ImproperlyConfigured when `database` lies on a network file system."""
    kind = network_file_system_of(database)
    if kind:
        raise ImproperlyConfigured(
            f"La base de datos {database} está en un disco de red ({kind}), donde SQLite puede dañarla. "
            "Elige una carpeta de un disco local con SINPAPELEO_DATA, o usa PostgreSQL con DATABASE_URL."
        )
