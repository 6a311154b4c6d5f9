"""`manage.py seed_people`: agencies, roles and people of the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.sample import demo_people, seed_people
from legaltime.api import now


class Command(BaseCommand):
    help = "Crea las instituciones y personas de la demostración."

    def handle(self, *args: Any, **options: Any) -> None:
        """Makes what is missing and lists the people; refused outside the demonstration."""
        if not settings.DEMO:
            raise CommandError("Las personas de ejemplo solo existen en la demostración (SINPAPELEO_DEMO=1).")
        seed_people(now=now())
        for person in demo_people():
            self.stdout.write(f"{person.run:>13}  {person.full_name}: {person.part}")
