"""`manage.py rehearse`: plays what it reads, for a page that waits; see workflows.rehearsal.apart."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import override

from workflows.rehearsal.apart import answer


class Command(BaseCommand):
    """Reads one JSON object, writes the reports as JSON."""

    help = "Ensaya un trámite sin dejar rastro. Lo usa el sitio; para probar a mano: procedures test."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Play and answer."""
        asked = json.load(sys.stdin)
        with override(asked.get("language") or "es"):
            self.stdout.write(json.dumps(answer(asked)))
