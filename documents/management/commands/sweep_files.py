"""`manage.py sweep_files`: removes stored files that no row names."""

from typing import Any

from django.core.management.base import BaseCommand

from documents.operations import sweep_orphans
from legaltime import api as legaltime


class Command(BaseCommand):
    """Run it once a day."""

    help = "Borra del almacén los archivos de más de un día que ningún documento usa."

    def handle(self, *args: Any, **options: Any) -> None:
        """Says how many files went."""
        self.stdout.write(f"Archivos borrados: {sweep_orphans(now=legaltime.now())}")
