"""`manage.py demo_pki`: the certificate provider of the demonstration, until it is told to stop."""

import os
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from signatures.demo_pki.server import server


class Command(BaseCommand):
    """Time stamps and revocation lists on the loopback address."""

    help = "Sella la hora y publica las revocaciones de los certificados de demostración, sin valor legal."

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until SIGINT or SIGTERM. CommandError outside the demonstration or when the port is taken."""
        if not settings.DEMO_PKI_PORT:
            raise CommandError("El sello de tiempo de demostración solo funciona con SINPAPELEO_DEMO activado.")
        try:
            provider = server(settings.DEMO_PKI_PORT)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise CommandError(f"No se pudo abrir el puerto {settings.DEMO_PKI_PORT}: {reason}.") from error
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: threading.Thread(target=provider.shutdown).start())
        self.stdout.write(f"Sello de tiempo de demostración en 127.0.0.1:{settings.DEMO_PKI_PORT}")
        self.stdout.flush()
        with provider:
            provider.serve_forever()
