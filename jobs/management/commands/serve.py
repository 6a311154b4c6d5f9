"""`manage.py serve`: the whole site on one machine."""

import signal
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from jobs import supervisor
from jobs.supervisor import Program


class Command(BaseCommand):
    requires_system_checks = []  # each child makes its own
    help = "Sirve el sitio en esta máquina: páginas, trabajos y los servicios de la demostración."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="dirección en que se sirven las páginas")
        parser.add_argument("--threads", type=int, default=4, help="páginas que se atienden a la vez")

    def handle(self, *, host: str, threads: int, **options: Any) -> None:
        try:
            with supervisor.only_instance(settings.DATA_DIR):
                self._check_ports(host)
                self._supervise(host, threads)
        except supervisor.CannotServe as problem:
            raise CommandError(str(problem), returncode=69) from None

    def _check_ports(self, host: str) -> None:
        supervisor.require_free_port(host, settings.PORT, "PORT")
        if settings.DEMO:
            supervisor.require_free_port("127.0.0.1", settings.IDENTITY_PORT, "SINPAPELEO_IDENTITY_PORT")
            supervisor.require_free_port("127.0.0.1", settings.SMTP_SINK_PORT, "SINPAPELEO_SMTP_SINK_PORT")
        if settings.DEMO_PKI_PORT:
            supervisor.require_free_port("127.0.0.1", settings.DEMO_PKI_PORT, "SINPAPELEO_DEMO_PKI_PORT")

    def _supervise(self, host: str, threads: int) -> None:
        prepare_to_serve_pages()
        own = supervisor.Supervisor(
            programs(host, threads),
            say=self._say,
            is_ready=lambda: supervisor.answers(host, settings.PORT),
            on_ready=self._welcome,
        )
        signal.signal(signal.SIGINT, own.stop)
        signal.signal(signal.SIGTERM, own.stop)
        own.run()
        self._say(_("Sin Papeleo se detuvo."))

    def _welcome(self) -> None:
        self._say(_("Sin Papeleo funciona en %(url)s/") % {"url": settings.PUBLIC_URL})
        for line in supervisor.announcements():
            self._say(line)
        self._say(_("Para detenerlo: Ctrl+C"))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def web_command(host: str, port: int, threads: int) -> list[str]:
    """The web server: one process, which answers `threads` pages at a time."""
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    server += ["--workers", "1", "--blocking-threads", str(threads), "--no-ws", "--log-level", "warning"]
    return [*server, "config.wsgi:application"]


def prepare_to_serve_pages() -> None:
    """Make the folder of static files, of which WhiteNoise complains when it is missing."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


def programs(host: str, threads: int) -> list[Program]:
    """The processes of one machine: one web server, one worker and, in the demonstration, its stand-ins."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    found = [
        Program("web", web_command(host, settings.PORT, threads)),
        Program("worker", [*manage, "worker"], heartbeat=Path(settings.HEARTBEAT_DIR) / "worker"),
    ]
    if settings.DEMO:
        found += [Program(name, [*manage, name]) for name in ("demo_identity", "demo_mail")]
    if settings.DEMO_PKI_PORT:
        found.append(Program("demo_pki", [*manage, "demo_pki"]))
    return found
