"""`manage.py demo_identity`: the demonstration identity provider, a process of its own."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.demo_identity.requests import registered_addresses
from accounts.demo_identity.server import identity_server

REGISTERED = ("accounts:callback", "accounts:signed_out", "accounts:confirm_return")
"""Pages of the site to which the provider may send a browser back."""


class Command(BaseCommand):
    help = "Sirve el proveedor de identidad de la demostración, con las personas de ejemplo."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Serves until stopped; refused outside the demonstration."""
        if not settings.DEMO:
            raise CommandError("La identidad de demostración no existe fuera de la demostración.")
        registered_addresses.extend(settings.PUBLIC_URL + reverse(name) for name in REGISTERED)
        settings.ROOT_URLCONF = "accounts.demo_identity.urls"
        settings.MIDDLEWARE = ["accounts.demo_identity.middleware.strict_headers"]
        with identity_server(settings.IDENTITY_PORT) as server:
            self.stdout.write(f"Identidad de demostración en http://127.0.0.1:{server.server_port}/")
            server.serve_forever()
