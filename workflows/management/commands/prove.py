import json
import secrets
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test.utils import override_settings

PER_PROCESS = 1000
"""Cases that one process runs: a compiled procedure lives as long as its process."""
MISSING = "Falta hypothesis: instale lo que usan las pruebas con ./test --help."
MORNING = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)


class Command(BaseCommand):
    """Exit codes: 0 every rule held, 1 one did not. The last line is JSON."""

    help = "Prueba el motor con trámites hechos al azar, en una base de datos que se borra al terminar."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many, from which seed."""
        parser.add_argument("--cases", type=int, default=300, metavar="N", help="cuántos trámites")
        parser.add_argument("--seed", type=int, metavar="N", help="semilla, para repetir una corrida")
        parser.add_argument(
            "--at-once", type=int, default=1, metavar="N", help=f"en cuántos procesos a la vez, de {PER_PROCESS} casos"
        )
        parser.add_argument(
            "--officials",
            type=float,
            metavar="S",
            help="en vez de eso, varios funcionarios a la vez por S segundos",
        )
        parser.add_argument("--processes", action="store_true", help="con --officials: en procesos y no en hilos")
        parser.add_argument("--part", action="store_true", help="corre los casos aquí mismo, en un solo proceso")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all of them, some in each process."""
        first = options["seed"] if options["seed"] is not None else secrets.randbelow(1_000_000)
        if options["officials"]:
            shown = _officials(options["officials"], first, in_processes=options["processes"])
            self.stdout.write(json.dumps({**shown, "database": connection.vendor}))
            if shown["failure"]:
                raise CommandError("Una regla no se cumplió con varios funcionarios a la vez.")
            return
        if options["part"]:
            self.stdout.write(json.dumps(_part(options["cases"], first)))
            return
        if options["at_once"] < 1:
            raise CommandError("--at-once dice en cuántos procesos a la vez: al menos 1.")
        parts = []
        for part in _in_processes(_shares(options["cases"]), first, options["at_once"]):
            parts.append(part)
            self.stdout.write(f"semilla {part['seed']}: {part['cases']} casos, {part['seconds']} s")
            if part["failure"]:
                self.stdout.write(part["failure"])
        failed = [part["seed"] for part in parts if part["failure"]]
        total = {"cases": sum(part["cases"] for part in parts), "seconds": sum(part["seconds"] for part in parts)}
        seeds = [part["seed"] for part in parts]
        self.stdout.write(json.dumps({**total, "database": connection.vendor, "seeds": seeds, "failed": failed}))
        if failed:
            raise CommandError(f"Una regla no se cumplió. Para repetirlo: --cases {PER_PROCESS} --seed {failed[0]}")


def _shares(cases: int) -> Iterator[int]:
    for done in range(0, cases, PER_PROCESS):
        yield min(PER_PROCESS, cases - done)


def _in_processes(shares: Iterable[int], first: int, at_once: int) -> Iterator[dict[str, Any]]:
    """What each part told, in the order of their seeds. Once one failed, those that run end and no other begins."""
    failed: list[int] = []

    def run(cases: int, seed: int) -> dict[str, Any] | None:
        if failed:
            return None
        part = _in_a_process(cases, seed)
        if part["failure"]:
            failed.append(seed)
        return part

    with ThreadPoolExecutor(at_once) as crew:
        yield from filter(None, crew.map(run, shares, count(first)))


def _in_a_process(cases: int, seed: int) -> dict[str, Any]:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "prove", "--part"]
    asked = [*command, "--cases", str(cases), "--seed", str(seed)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 (this program, with numbers)
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        raise CommandError(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def _part(cases: int, seed: int) -> dict[str, Any]:
    """Run them on a database of their own."""
    try:
        from workflows.proof.running import prove
    except ImportError:
        raise CommandError(MISSING) from None
    with _own_database(":memory:", seed):
        return asdict(prove(cases=cases, began=MORNING, seeded=seed))


def _officials(seconds: float, seed: int, *, in_processes: bool) -> dict[str, Any]:
    """Run them on a database of their own, which several connections can open."""
    try:
        from workflows.proof.officials import prove_officials
    except ImportError:
        raise CommandError(MISSING) from None
    with TemporaryDirectory() as folder, _own_database(f"{folder}/prueba.sqlite3", seed):
        return asdict(prove_officials(began=MORNING, seconds=seconds, seeded=seed, in_processes=in_processes))


@contextmanager
def _own_database(sqlite: str, seed: int) -> Iterator[None]:
    """A database that is destroyed at the end: on SQLite the file of that name, elsewhere one named by the seed.

    Whatever is filed meanwhile stands in a folder that goes with it.
    """
    name = connection.settings_dict["NAME"]
    own = sqlite if connection.vendor == "sqlite" else f"prueba_{seed}_{name}"
    connection.settings_dict.setdefault("TEST", {})["NAME"] = own
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with TemporaryDirectory() as files, override_settings(MEDIA_ROOT=files, S3_BUCKET=""):
            yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
