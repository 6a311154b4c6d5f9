"""Django's `flush`, which the append-only tables would refuse: allowed only in the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import flush

from audit.triggers import lifted


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        """Empties the demonstration; elsewhere the record may not be emptied."""
        if not settings.DEMO:
            raise CommandError("La base tiene expedientes que la ley manda conservar: no se vacía.")
        with lifted():
            super().handle(**options)
