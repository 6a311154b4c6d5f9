"""`manage.py demo_mail`: the mail server of the demonstration, until it is told to stop."""

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from notifications.demo_mailbox.server import controller


class Command(BaseCommand):
    """Receive mail on the loopback address and keep each message as a file."""

    help = "Recibe los correos de la demostración y los guarda; no envía nada a nadie."

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until SIGINT or SIGTERM. CommandError outside the demonstration or when the port is taken."""
        if not settings.DEMO:
            raise CommandError("El buzón de demostración solo funciona con SINPAPELEO_DEMO activado.")
        # Blocked before the server's thread starts, so that only `sigwait` below takes the signals.
        signals = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        server = controller()
        try:
            server.start()
        except OSError as error:
            raise CommandError(f"No se pudo abrir el puerto {settings.SMTP_SINK_PORT}: {error.strerror}.") from error
        self.stdout.write(f"Buzón de demostración en 127.0.0.1:{settings.SMTP_SINK_PORT}")
        self.stdout.flush()
        signal.sigwait(signals)
        server.stop()
