"""Measures that join a case to an older one and split them again (Ley 19.880 art. 33, R63)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.access import official_cases
from workflows.commands import joinders as commands
from workflows.commands.joinders import Order
from workflows.controls import line_field
from workflows.measures.base import Done, Measure, MeasureForm, Situation


class SplitForm(MeasureForm):
    """The reasoned resolution."""

    field_order = ("number", "resolution", "reason")
    resolution = line_field(
        gettext_lazy("Resolución"),
        gettext_lazy("Escribe la resolución"),
        hint=gettext_lazy("Por ejemplo, Resolución exenta N° 214 del 20/11/2026"),
    )

    def prepare(self) -> None:
        self.fields["reason"].help_text = gettext_lazy(
            "Lo leen las personas de las dos solicitudes: no escribas datos de ninguna."
        )


class JoinForm(SplitForm):
    """To which older case."""

    number = line_field(
        gettext_lazy("N° de la solicitud más antigua"),
        gettext_lazy("Escribe el N° de la solicitud más antigua"),
        hint=gettext_lazy("De esta institución, ligada a esta y todavía sin resolver. Esa decide por las dos"),
        most=30,
    )


def _order(given: dict[str, Any]) -> Order:
    return Order(resolution=given["resolution"].strip().rstrip("."), reason=given["reason"].strip().rstrip("."))


def _join(situation: Situation, given: dict[str, Any]) -> Done:
    made = commands.join(
        case=situation.case,
        number=given["number"],
        order=_order(given),
        by=situation.person,
        now=situation.now,
    )
    return Done(
        _("Acumulaste esta solicitud a la N° %(number)s. Sus pasos esperan a que esa se resuelva.")
        % {"number": made.principal.number}
    )


def _split(situation: Situation, given: dict[str, Any]) -> Done:
    commands.split(case=situation.case, order=_order(given), by=situation.person, now=situation.now)
    return Done(_("Desacumulaste esta solicitud: sigue en el paso en que estaba."))


def _may_join(situation: Situation) -> bool:
    case = situation.case
    if not situation.is_open or situation.law is None or not situation.law.joinder:
        return False
    if case.joined_to_id is not None or case.is_principal:
        return False
    mine = official_cases(situation.person, situation.today).filter(agency=case.agency_id, finished=None)
    return mine.filter(filed_at__lte=case.filed_at, joined_to=None).exclude(pk=case.pk).exists()


MEASURES = (
    Measure(
        slug="acumular",
        side="desk",
        title=gettext_lazy("Acumular a una solicitud más antigua"),
        button=gettext_lazy("Acumular esta solicitud"),
        article="Ley 19.880, art. 33",
        help=gettext_lazy(
            "Si las dos son en lo sustancial lo mismo o están íntimamente ligadas, una sola decisión las resuelve. Los "
            "pasos de esta quedan en espera; el plazo de todo su trámite sigue corriendo. Cada persona sigue viendo "
            "solo su solicitud, pero recibe entero el acto que las resuelve: que no diga de las otras más de lo "
            "necesario. Contra esto no procede recurso."
        ),
        form=JoinForm,
        offers=_may_join,
        do=_join,
    ),
    Measure(
        slug="desacumular",
        side="desk",
        title=gettext_lazy("Desacumular esta solicitud"),
        button=gettext_lazy("Desacumular"),
        article="Ley 19.880, art. 33",
        help=gettext_lazy(
            "Esta solicitud vuelve a tramitarse por separado, desde los pasos en que estaba y con el plazo que les "
            "quedaba. Contra esto no procede recurso."
        ),
        form=SplitForm,
        offers=lambda situation: situation.is_open and situation.case.joined_to_id is not None,
        do=_split,
    ),
)
