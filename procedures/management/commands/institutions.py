"""`manage.py institutions`: an institution with its units, its posts and its first people, from a YAML file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from legaltime.api import local_date, now
from procedures.findings import Finding
from procedures.institutions import PEOPLE, apply_institution


class Command(BaseCommand):
    """Exit codes: 0 done, 1 the file has errors and nothing was changed."""

    help = "Crea o cambia una institución con sus unidades, cargos, subrogancias y primeras personas, según un archivo."

    def add_arguments(self, parser: CommandParser) -> None:
        """One action for now: `apply`."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="acción")
        applying = actions.add_parser("apply", help="hace lo que dice el archivo; repetirlo no duplica nada")
        applying.add_argument("file", type=Path, metavar="ARCHIVO", help="la institución, sus unidades y sus cargos")
        applying.add_argument("--people", type=Path, metavar="ARCHIVO", help="las personas, si van en otro archivo")
        applying.add_argument("--dry-run", action="store_true", help="solo dice qué cambiaría")

    def handle(self, *args: Any, **options: Any) -> None:
        """Apply it, all or nothing; CommandError names the file and the line of what is wrong."""
        at, file, people = now(), options["file"], options["people"]
        done = apply_institution(
            _text(file),
            people=_text(people) if people else "",
            today=local_date(at, settings.TIME_ZONE),
            now=at,
            dry_run=options["dry_run"],
        )
        if done.findings:
            said = [f"{_of(one, file, people)}, línea {one.line}: {one.message} {one.remedy}" for one in done.findings]
            raise CommandError("\n".join([*said, "No se cambió nada."]))
        for line in done.lines or ["Todo está como dice el archivo."]:
            self.stdout.write(line)
        if options["dry_run"]:
            self.stdout.write("Era un ensayo: no se cambió nada.")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"No se puede leer «{file}» como texto UTF-8. Revise la ruta.") from None


def _of(one: Finding, file: Path, people: Path | None) -> str:
    """The name of the file in which something is wrong."""
    return people.name if people is not None and one.path.startswith(PEOPLE) else file.name
