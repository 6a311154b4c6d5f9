"""Django's `flush`, which the append-only tables would refuse: allowed only in the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import flush
from django.db import DEFAULT_DB_ALIAS

from audit.triggers import lifted


class Command(flush.Command):
    help = "Vacía la base de la demostración."

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's own options."""
        parser.add_argument(
            "--noinput", "--no-input", action="store_false", dest="interactive", help="no pide confirmación por teclado"
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="nombre de la base en la configuración")

    def handle(self, **options: Any) -> None:
        """Empties the demonstration; elsewhere the record may not be emptied."""
        if not settings.DEMO:
            raise CommandError("La base tiene expedientes que la ley manda conservar: no se vacía.")
        with lifted():
            super().handle(**options)
