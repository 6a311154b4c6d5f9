"""`manage.py verify_audit`: walks every chain of the log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.queries import verify_all, verify_stream
from audit.rules import ChainVerdict
from audit.triggers import missing_guards


class Command(BaseCommand):
    help = "Comprueba que la bitácora está completa y sin cambios."

    def add_arguments(self, parser: CommandParser) -> None:
        """One optional chain; all of them when none is named."""
        parser.add_argument("cadena", nargs="?", default="", help="por ejemplo case:7K3MQ2XW9D4HB5TV")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints each break with its place; exits with an error when there is one."""
        verdicts = [verify_stream(options["cadena"])] if options["cadena"] else list(verify_all())
        problems = [_sentence(verdict) for verdict in verdicts if not verdict.ok]
        problems += [f"La tabla {table} perdió sus disparadores contra cambios." for table in missing_guards()]
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"La bitácora tiene problemas: {len(problems)}.")
        events = sum(verdict.length for verdict in verdicts)
        self.stdout.write(f"Bitácora correcta: {len(verdicts)} cadenas, {events} eventos.")


def _sentence(verdict: ChainVerdict) -> str:
    return f"Cadena {verdict.stream}: rota en el evento {verdict.broken_at}: {verdict.reason}."
