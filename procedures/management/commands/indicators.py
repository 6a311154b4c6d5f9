"""`manage.py indicators`: the values of UF and UTM."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from legaltime.api import local_date, now
from procedures.errors import BadIndicatorFile
from procedures.fields.numbers import grouped
from procedures.indicators import import_values, latest_value, pesos_on
from procedures.models import IndicatorValue


class Command(BaseCommand):
    """Import values, or show those of a day."""

    help = "Guarda y muestra el valor en pesos de la UF y la UTM."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the two actions."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="acción")
        importing = actions.add_parser("import", help="lee un CSV con fecha y valor en cada línea")
        importing.add_argument("code", choices=IndicatorValue.Code.values, metavar="uf|utm")
        importing.add_argument("file", metavar="archivo")
        actions.add_parser("show", help="muestra los valores que rigen hoy")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the action asked for; CommandError with the reason when it is refused."""
        if options["action"] == "show":
            self._show()
            return
        try:
            text = Path(options["file"]).read_text(encoding="utf-8")
            new, changed = import_values(text=text, code=options["code"], now=now())
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"No se puede leer «{options['file']}» como texto UTF-8.") from None
        except BadIndicatorFile as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{new} valores nuevos y {changed} corregidos.")

    def _show(self) -> None:
        today = local_date(now(), settings.TIME_ZONE)
        in_force = pesos_on(today)
        for code in IndicatorValue.Code.values:
            value = latest_value(code, today)
            if value is None:
                self.stdout.write(f"{code.upper()}  sin valores: impórtelos con «indicators import {code} ARCHIVO»")
                continue
            old = "" if code in in_force else "; es antiguo y no se usa: importe los que siguen"
            self.stdout.write(f"{code.upper()}  $ {grouped(value.pesos)} del {value.day:%d/%m/%Y}{old}")
