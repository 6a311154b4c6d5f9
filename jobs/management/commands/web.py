"""`manage.py web`: serves pages, and nothing else."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from jobs.management.commands.serve import prepare_to_serve_pages, web_command


class Command(BaseCommand):
    requires_system_checks = []  # the web server makes its own
    help = "Sirve solo las páginas. Puede haber varios a la vez, en una o más máquinas, detrás de un proxy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="dirección en que se sirven las páginas")
        parser.add_argument("--port", type=int, default=settings.PORT, help="puerto")
        parser.add_argument("--threads", type=int, default=4, help="páginas que se atienden a la vez")

    def handle(self, *, host: str, port: int, threads: int, **options: Any) -> None:
        prepare_to_serve_pages()
        command = web_command(host, port, threads)
        os.execv(command[0], command)  # noqa: S606  (the web server takes this process over, with its signals)
