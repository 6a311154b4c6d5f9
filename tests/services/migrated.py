"""Tables made once: making them takes longer than almost every test, and dozens of tests want a database of their own.

The first that asks migrates an empty SQLite file, kept in var/ until a migration changes; everybody else copies it.
A PostgreSQL server keeps a database with the tables likewise (`PostgresServer.template`).
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "tests"


def migrate(folder: Path, url: str = "") -> None:
    """Make the tables of the database at `url`, or of the SQLite file of a data folder."""
    env = {**os.environ, "SINPAPELEO_DATA": str(folder), "DATABASE_URL": url}
    subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"], env=env, check=True)


def sqlite_file() -> Path:
    """A SQLite file with every table and no row but those that migrations write. To be copied, never written."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"migrated-{digest()}.sqlite3"
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # parallel workers ask at the same moment
        if not kept.exists():
            for old in KEPT.glob("migrated-*"):
                old.unlink()
            _make(kept)
    return kept


def copied_into(folder: Path) -> Path:
    """The database of a new data folder, with its tables."""
    return Path(shutil.copy(sqlite_file(), folder / "sinpapeleo.sqlite3"))


def digest() -> str:
    """Another whenever the tables may be others: by a migration, by what migrations import, or by Django."""
    making = [ROOT / "audit" / "triggers.py", ROOT / "jobs" / "management" / "commands" / "migrate.py"]
    sources = [*ROOT.glob("*/migrations/*.py"), *making, ROOT / "requirements.lock"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()[:16]


def _make(kept: Path) -> None:
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        migrate(Path(folder))
        whole = Path(folder) / "whole"
        with closing(sqlite3.connect(Path(folder) / "sinpapeleo.sqlite3")) as made:
            made.execute("VACUUM INTO ?", [str(whole)])
        whole.rename(kept)
