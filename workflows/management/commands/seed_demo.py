from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.api import seed_people
from legaltime.api import now
from workflows.sample import (
    seed_catalogue,
    seed_company,
    seed_desk,
    seed_emblem,
    seed_others,
    seed_procedures,
    seed_systems,
    seed_troubles,
)


class Command(BaseCommand):
    help = "Crea las instituciones, personas y trámites de la demostración. Repetirlo no cambia nada."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, unless this is production."""
        if not settings.DEMO:
            raise CommandError("La demostración está apagada (SINPAPELEO_DEMO=0): no se crea nada.")
        moment = now()
        seed_people(now=moment)
        seed_emblem(now=moment)
        for offering in seed_procedures(now=moment):
            self.stdout.write(f"  {offering.version.title} ({offering.agency.name})")
        seed_catalogue(now=moment)
        seed_company(now=moment)
        seed_others(moment)
        seed_troubles(now=moment)
        seed_systems(now=moment)
        seed_desk(now=moment)
