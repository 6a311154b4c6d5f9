"""`manage.py holidays`: show the holidays of a commune, and correct them."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from legaltime.api import Place, holidays_of_year, now
from legaltime.operations import InvalidOverride, record_override, remove_override


class Command(BaseCommand):
    """List a year, add a correction or remove one."""

    help = "Muestra los feriados de una comuna y permite corregirlos."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the three actions."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="acción")
        listing = actions.add_parser("list", help="muestra los feriados de un año")
        listing.add_argument("year", type=int, metavar="año")
        listing.add_argument("--commune", default="13101", metavar="código", help="comuna (13101, Santiago)")
        adding = actions.add_parser("add", help="declara un feriado, o un día hábil con --working-day")
        adding.add_argument("day", type=_day, metavar="AAAA-MM-DD")
        adding.add_argument("name", metavar="nombre")
        adding.add_argument("--source", required=True, metavar="norma", help="ley o decreto que lo establece")
        adding.add_argument("--working-day", action="store_true", help="el día es hábil")
        removing = actions.add_parser("remove", help="quita una corrección")
        removing.add_argument("day", type=_day, metavar="AAAA-MM-DD")
        for action in (adding, removing):
            action.add_argument("--place", default="", metavar="código", help="región o comuna; vacío: todo el país")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the action asked for; CommandError with the reason when it is refused."""
        try:
            {"list": self._list, "add": self._add, "remove": self._remove}[options["action"]](options)
        except InvalidOverride as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        place = Place(options["commune"], settings.TIME_ZONE)
        for day, name in holidays_of_year(options["year"], place):
            self.stdout.write(f"{day:%d/%m/%Y}  {name}")

    def _add(self, options: dict[str, Any]) -> None:
        override = record_override(
            day=options["day"],
            place=options["place"],
            is_holiday=not options["working_day"],
            name=options["name"],
            legal_source=options["source"],
            by="operator",
            now=now(),
        )
        self.stdout.write(
            f"Anotado: {override}. Los plazos que corren y pasan por un nuevo feriado se cuentan otra vez."
        )

    def _remove(self, options: dict[str, Any]) -> None:
        remove_override(day=options["day"], place=options["place"])
        self.stdout.write(f"Quitada la corrección del {options['day']:%d/%m/%Y}.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"«{text}» no es una fecha AAAA-MM-DD") from error
