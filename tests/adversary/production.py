"""Prints, as JSON, what a production installation answers; run as a process of its own by test_production.py."""

import json
import sys
from io import StringIO

import django

INSIDE = (
    "/.git/config",
    "/config/settings.py",
    "/static/",
    "/static/css/",
    "/static/../config/settings.py",
    "/var/keys/",
)
"""Addresses at which nothing of the program may stand."""


def main() -> None:
    """Start Django with the settings of the environment, ask for a few pages and run its own checks."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.core.management.base import SystemCheckError
    from django.test import Client

    complaints = StringIO()
    try:
        call_command("check", deploy=True, fail_level="WARNING", stdout=complaints, stderr=complaints)
        checked = ""
    except SystemCheckError as error:
        checked = str(error)
    client = Client(headers={"host": "tramites.example", "x-forwarded-proto": "https"})
    verify = client.get("/verificar/")
    language = client.post("/idioma/setlang/", {"language": "en"})
    plain = Client(headers={"host": "tramites.example"}).get("/ayuda/")
    stranger = Client(headers={"host": "otro.example", "x-forwarded-proto": "https"}).get("/ayuda/")
    found = {
        "check": checked,
        "debug": settings.DEBUG,
        "silenced": settings.SILENCED_SYSTEM_CHECKS,
        "headers": dict(verify.headers),
        "cookies": {name: dict(cookie) for name, cookie in {**verify.cookies, **language.cookies}.items()},
        "session": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY],
        "plain": [plain.status_code, plain.headers.get("Location", "")],
        "stranger": [stranger.status_code, stranger.content.decode()],
        "inside": {address: client.get(address).status_code for address in INSIDE},
        "trace": client.trace("/").status_code,
        "demo_mailbox": client.get("/correo-demo/").status_code,
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
