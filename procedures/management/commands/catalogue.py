"""`manage.py catalogue`: load fichas from a file, and bring those of published procedures up to date."""

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from legaltime.api import now
from procedures.catalogue.importing import RowReport, apply_import, preview, send_catalogue
from procedures.catalogue.operations import index, list_offering
from procedures.errors import ProcedureError
from procedures.models import CatalogueEntry, CatalogueWord, Offering

_WORDS = {"new": "nueva", "changed": "cambia", "same": "igual", "refused": "NO ENTRA"}


class Command(BaseCommand):
    """Exit codes: 0 done, 1 the file cannot be read, 2 the command is badly written."""

    help = "Carga fichas al catálogo y pone al día las de los trámites publicados."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One subcommand for each thing to do."""
        commands = parser.add_subparsers(dest="action", required=True, metavar="acción")
        loading = commands.add_parser("import", help="carga un archivo CSV o JSON, con informe por fila")
        loading.add_argument("file", type=Path, metavar="ARCHIVO")
        loading.add_argument("--preview", action="store_true", help="solo dice qué haría cada fila")
        commands.add_parser("refresh", help="vuelve a poner los trámites publicados y las palabras de la búsqueda")

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the subcommand."""
        getattr(self, f"_{options['action']}")(options)

    def _import(self, options: dict[str, Any]) -> None:
        path = options["file"]
        try:
            sent = send_catalogue(name=path.name, content=path.read_bytes(), by=None, now=now())
            reports = preview(sent) if options["preview"] else apply_import(sent=sent, by=None, now=now())
        except OSError:
            raise CommandError(f"No se puede leer «{path}».") from None
        except ProcedureError as error:
            raise CommandError(str(error)) from None
        if options["preview"]:
            sent.delete()
        self._report(reports)

    def _report(self, reports: Iterable[RowReport]) -> None:
        counted: Counter[str] = Counter()
        for row in reports:
            counted[_WORDS[row.outcome]] += 1
            if row.problems or row.outcome == "refused":
                self.stdout.write(f"línea {row.line} ({_WORDS[row.outcome]}) {row.name}: {' '.join(row.problems)}")
        self.stdout.write(", ".join(f"{word}: {rows}" for word, rows in counted.items()))

    def _refresh(self, options: dict[str, Any]) -> None:
        for offering in Offering.objects.filter(effective_to=None, pilot_share=None).select_related(
            "agency", "version__procedure"
        ):
            list_offering(offering=offering, now=now())
        CatalogueWord.objects.all().delete()
        index(entries=list(CatalogueEntry.objects.select_related("institution")))
        self.stdout.write(f"El catálogo tiene {CatalogueEntry.objects.count()} fichas.")
