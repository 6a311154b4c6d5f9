"""`manage.py demo_mail`: the mail server of the demonstration, until it is told to stop."""

import asyncio
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from notifications.demo_mailbox.server import serve


class Command(BaseCommand):
    """Receive mail on the loopback address and keep each message as a file."""

    help = "Recibe los correos de la demostración y los guarda; no envía nada a nadie."

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until SIGINT or SIGTERM. CommandError outside the demonstration or when the port is taken."""
        if not settings.DEMO:
            raise CommandError("El buzón de demostración solo funciona con SINPAPELEO_DEMO activado.")
        try:
            asyncio.run(serve(self._say_ready))
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise CommandError(f"No se pudo abrir el puerto {settings.SMTP_SINK_PORT}: {reason}.") from error

    def _say_ready(self) -> None:
        self.stdout.write(f"Buzón de demostración en 127.0.0.1:{settings.SMTP_SINK_PORT}")
        self.stdout.flush()
