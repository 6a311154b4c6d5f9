"""`manage.py faults`: break things on purpose and count what was lost or done twice."""

import logging
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from jobs.faults import processes, report, scenarios, simulation, toys, weather
from jobs.faults.mailbox import mail_server
from jobs.faults.scenarios import Verdict

PRIVATE = "SINPAPELEO_FAULTS"
"""Set in the environment once the data folder is a private one."""


class Command(BaseCommand):
    requires_system_checks = []
    help = "Mata procesos, pierde y dobla mensajes, y cuenta los trabajos perdidos o hechos dos veces."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quick", action="store_true", help="menos de un minuto")
        parser.add_argument("--seed", type=int, help="repite la corrida de esta semilla")
        parser.add_argument("--runs", type=int, help="simulaciones; por omisión 60 con --quick, 2000 sin él")
        parser.add_argument("--seconds", type=float, help="duración con procesos reales; 10 con --quick, 300 sin él")
        parser.add_argument(
            "--without-lease", action="store_true", help="control: sin plazo de reclamo se pierde trabajo"
        )
        parser.add_argument(
            "--scenario", action="append", dest="names", help="clase con otro tipo de trabajo, además de los de juguete"
        )
        parser.add_argument("--only", action="store_true", help="solo las clases de --scenario, sin los de juguete")
        parser.add_argument("--decisions", type=int, default=12, help="decisiones de cada simulación")
        parser.add_argument("--all-kinds", action="store_true", help="falla también si no hubo de algún tipo")
        parser.add_argument("--between", type=int, default=6, help="cuánto más ocurre tras cada decisión")
        parser.add_argument(
            "--database", default="", help="DATABASE_URL de una base vacía, en vez de un archivo SQLite"
        )
        parser.add_argument(
            "--broker-program", default="", help="programa de Valkey o Redis; sin él, el broker va adentro"
        )
        parser.add_argument("--role", choices=["worker", "web"], help="uso interno")

    def handle(self, **options: Any) -> None:
        if PRIVATE not in os.environ:
            raise SystemExit(
                run_in_private(sys.argv[1:], options["database"], has_broker=bool(options["broker_program"]))
            )
        logging.disable(logging.CRITICAL)  # dying workers complain a lot
        names = [*(() if options["only"] else toys.ALL), *(options["names"] or ())]
        loaded = scenarios.load(names)
        if options["role"] == "worker":
            processes.be_worker(options["seed"])
        elif options["role"] == "web":
            processes.be_web(options["seed"], loaded)
        else:
            call_command("migrate", verbosity=0)
            for scenario in loaded:
                scenario.set_up()
            with mail_server(settings.EMAIL_PORT):
                self._break_things(names, loaded, options)

    def _break_things(self, names: list[str], loaded: list[scenarios.Scenario], options: dict[str, Any]) -> None:
        quick, with_lease = options["quick"], not options["without_lease"]
        first = secrets.randbelow(1_000_000) if options["seed"] is None else options["seed"]
        runs = options["runs"] if options["runs"] is not None else (60 if quick else 2000)
        seconds = options["seconds"] if options["seconds"] is not None else (10 if quick else 300)
        self.stdout.write(
            f"Semilla {first}: {runs} simulaciones y {seconds if with_lease else 0:g} s con procesos reales."
        )
        found = self._simulate(range(first, first + runs), loaded, options, with_lease=with_lease)
        if seconds and with_lease:
            found += self._torture(first, names, loaded, options | {"seconds": seconds})
        faults = weather.noted("faults")
        figures = report.summary(found, len(faults))
        self.stdout.write(report.kinds(faults))
        self.stdout.write(report.table(report.add_up(found)))
        missing = [one.name for one in report.add_up(found) if one.name != processes.DECISION and not one.jobs]
        if missing:
            self.stdout.write(f"No hubo: {', '.join(missing)}.")
        self.stdout.write(report.last_line(figures))
        if figures["lost"] or figures["doubled"] or (options["all_kinds"] and missing):
            raise SystemExit(1)

    def _simulate(
        self, seeds: range, loaded: list[scenarios.Scenario], options: dict[str, Any], *, with_lease: bool
    ) -> list[Verdict]:
        found: list[Verdict] = []
        length = {"decisions": options["decisions"], "between": options["between"]}
        for seed in seeds:
            verdicts = simulation.simulate(seed, loaded, **length, with_lease=with_lease)
            if is_bad(verdicts):
                extra = "" if with_lease else " --without-lease"
                chosen = " ".join(f"--{name} {value}" for name, value in length.items())
                self._repro(f"--seed {seed} --runs 1 {chosen} --seconds 0{extra}", options)
            found += verdicts
        return found

    def _torture(
        self, seed: int, names: list[str], loaded: list[scenarios.Scenario], options: dict[str, Any]
    ) -> list[Verdict]:
        started, seconds = time.monotonic(), options["seconds"]
        verdicts = processes.torture(seed, names, loaded, seconds, broker=options["broker_program"])
        self.stdout.write(f"Con procesos reales: {time.monotonic() - started:.0f} s hasta terminar todo.")
        if is_bad(verdicts):
            self._repro(f"--seed {seed} --runs 0 --seconds {seconds:g}", options)
        return verdicts

    def _repro(self, arguments: str, options: dict[str, Any]) -> None:
        chosen = "".join([" --only" * options["only"], *(f" --scenario {name}" for name in options["names"] or ())])
        self.stdout.write(f"Falla. Para repetirla: ./run manage faults {arguments}{chosen}")


def is_bad(verdicts: list[Verdict]) -> bool:
    """Whether something was lost or done twice."""
    return any(one.lost or one.doubled for one in verdicts)


def run_in_private(arguments: list[str], database: str, *, has_broker: bool) -> int:
    """The same command in a process with a data folder of its own: nothing here may touch real data."""
    with tempfile.TemporaryDirectory(prefix="sinpapeleo-faults-") as folder:
        mail, broker, provider = free_ports(3)
        private = {
            PRIVATE: "1",
            "SINPAPELEO_DATA": folder,
            "DATABASE_URL": database,
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{broker}/0" if has_broker else "memory://localhost/",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(mail),
            "SINPAPELEO_DEMO_PKI_PORT": str(provider),
        }
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        return subprocess.run(command, env={**os.environ, **private}, check=False).returncode  # noqa: S603


def free_ports(how_many: int) -> list[int]:
    """Ports of this machine on which nobody listens."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(how_many)]
        return [int(one.getsockname()[1]) for one in found]
