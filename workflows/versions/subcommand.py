"""`manage.py procedures migrate`: what a change of version would do to the open cases, and the order to do it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from legaltime.api import now
from procedures.api import Subcommand, Write
from procedures.models import Offering
from workflows.commands.versions import order_move
from workflows.errors import CommandRefused
from workflows.versions.standing import cases_of, verdicts


def subcommand() -> Subcommand:
    """To be registered when the program starts."""
    return Subcommand("migrate", str(_("pasa las solicitudes abiertas de una versión a otra")), _arguments, _run)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="TRÁMITE", help=str(_("código del trámite")))
    parser.add_argument("--agency", required=True, metavar="CÓDIGO", help=str(_("código de la institución")))
    parser.add_argument("--from", dest="source", type=int, required=True, metavar="N", help=str(_("desde qué versión")))
    parser.add_argument("--to", dest="target", type=int, required=True, metavar="N", help=str(_("a qué versión")))
    parser.add_argument("--apply", action="store_true", help=str(_("hazlo; sin esto solo dice qué pasaría")))
    parser.add_argument("--reason", default="", metavar="TEXTO", help=str(_("por qué; queda en cada historial")))


def _run(options: Mapping[str, Any], write: Write) -> None:
    source, target = _offering(options, options["source"]), _offering(options, options["target"])
    stay = 0
    total = 0
    for verdict in verdicts(cases_of(source), source, target):
        total += 1
        stay += bool(verdict.problems)
        for problem in verdict.problems:
            write(f"{verdict.case.number}: {problem}")
    write(_("De %(total)s solicitudes abiertas, %(go)s pueden pasar y %(stay)s se quedan.")
          % {"total": total, "go": total - stay, "stay": stay})  # fmt: skip
    if not options["apply"]:
        return
    try:
        move = order_move(source=source, target=target, reason=options["reason"], by=None, now=now())
    except CommandRefused as error:
        raise CommandError(str(error)) from error
    write(_("Se ordenó pasar %(count)s solicitudes; cada una pasa por separado.") % {"count": move.cases.count()})


def _offering(options: Mapping[str, Any], number: int) -> Offering:
    found = Offering.objects.filter(
        agency__code=options["agency"], version__procedure__code=options["code"], version__number=number
    )
    offering = found.select_related("agency", "version__procedure").first()
    if offering is None:
        raise CommandError(_("La institución no ofrece ni ofreció la versión %(number)s.") % {"number": number})
    return offering
