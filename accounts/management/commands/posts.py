"""`manage.py posts`: who holds which post, and appointing or dismissing somebody."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from accounts.models import Agency, Membership, Person, Role
from accounts.numbers import InvalidRun
from accounts.operations import appoint, dismiss, get_or_create_person
from accounts.queries import bears_another_name, in_force, person_by_run
from legaltime.api import local_date, now

BY = "system:command"


def day(text: str) -> date:
    """A date as ISO 8601 writes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"«{text}» no es una fecha: escríbala como 2026-11-25.") from None


class Command(BaseCommand):
    """List the posts of an agency, give one to a person, or end it. Nothing is removed: a post ends on a day."""

    help = "Muestra quién tiene cada cargo de una institución, y lo da o lo termina."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the three actions."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="acción")
        listing = actions.add_parser("list", help="los cargos, con quién los tiene hoy")
        giving = actions.add_parser("give", help="da un cargo a una persona")
        ending = actions.add_parser("end", help="termina el cargo de una persona")
        for one in (listing, giving, ending):
            one.add_argument("--agency", required=True, metavar="institución", help="su código")
        for one in (giving, ending):
            one.add_argument("run", help="RUN de la persona")
            one.add_argument("--role", required=True, metavar="unidad/cargo", help="como los escribe «posts list»")
        giving.add_argument("--post", required=True, help="cómo se escribe bajo su firma: «Revisora (S)»")
        giving.add_argument("--given-names", default="", metavar="nombres")
        giving.add_argument("--family-names", default="", metavar="apellidos")
        giving.add_argument("--since", type=day, metavar="día", help="desde qué día; hoy si no se dice")
        ending.add_argument("--until", type=day, metavar="día", help="último día; hoy si no se dice")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the action asked for; CommandError with what to do when it cannot be done."""
        agency = Agency.objects.filter(code=options["agency"]).first()
        if agency is None:
            known = ", ".join(Agency.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(f"No hay una institución «{options['agency']}». Las que hay: {known}.")
        today = local_date(now(), agency.time_zone)
        if options["action"] == "list":
            self._list(agency, today)
            return
        role = self._role(agency, options["role"])
        try:
            if options["action"] == "give":
                self._give(role, today, options)
            else:
                self._end(role, today, options)
        except InvalidRun as error:
            raise CommandError(str(error)) from error

    def _list(self, agency: Agency, today: date) -> None:
        for role in Role.objects.filter(unit__agency=agency).select_related("unit").order_by("unit__code", "code"):
            held = Membership.objects.filter(in_force(today), role=role).select_related("person").order_by("pk")
            who = "; ".join(f"{one.person} ({one.post})" for one in held) or "nadie"
            self.stdout.write(f"{role.unit.code}/{role.code}  {role}: {who}")

    def _role(self, agency: Agency, written: str) -> Role:
        unit, _slash, code = written.partition("/")
        role = Role.objects.filter(unit__agency=agency, unit__code=unit, code=code).select_related("unit").first()
        if role is not None and role.closed_at is not None:
            raise CommandError(f"El cargo «{written}» está cerrado. Se abre en «Unidades y cargos».")
        if role is None:
            raise CommandError(f"No hay un cargo «{written}». «posts list --agency {agency.code}» los muestra.")
        return role

    def _give(self, role: Role, today: date, options: dict[str, Any]) -> None:
        names = {"given_names": options["given_names"], "family_names": options["family_names"]}
        person = person_by_run(options["run"])
        if person is None and not all(names.values()):
            raise CommandError("Esa persona no ha entrado nunca: escriba --given-names y --family-names.")
        if any(names.values()) and bears_another_name(options["run"], **names):
            raise CommandError("Ese RUN es de una persona con otro nombre. Revise el número y los nombres.")
        person = person or get_or_create_person(options["run"], **names)
        since = options["since"] or today
        made = appoint(person=person, role=role, post=options["post"], starts_on=since, by=BY, now=now())
        self.stdout.write(f"{person}: {made.post}, {role}, desde el {made.starts_on:%d/%m/%Y}.")

    def _end(self, role: Role, today: date, options: dict[str, Any]) -> None:
        last = options["until"] or today
        person: Person | None = person_by_run(options["run"])
        open_ones = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=last), role=role, person=person)
        held = open_ones.select_related("person", "role__unit").order_by("starts_on").first() if person else None
        if held is None:
            raise CommandError("Esa persona no tiene ese cargo.")
        if last < held.starts_on:
            raise CommandError(f"Tiene ese cargo desde el {held.starts_on:%d/%m/%Y}: no puede terminar antes.")
        dismiss(membership=held, ends_on=last, by=BY, now=now())
        self.stdout.write(f"{held.person}: {held.post}, {role}, hasta el {last:%d/%m/%Y} inclusive.")
