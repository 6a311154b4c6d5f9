"""Outages in words, as anybody may read them (DS 4 art. 47)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflows.commands.outages import Reach, being_noted
from workflows.models import Outage
from workflows.presenting.words import moment

MOST = 200
"""The latest that the page shows."""


def outages() -> Iterator[dict[str, Any]]:
    """The outages of every agency, the latest first, with what they did to clocks."""
    moved = Count("changes", filter=~Q(changes__due_after=F("changes__due_before")))
    rows = Outage.objects.select_related("agency").annotate(noted=Count("changes"), moved=moved)
    for row in rows.order_by("-starts_at", "-pk")[:MOST]:
        left = being_noted(row)
        yield {
            "pk": row.pk,
            "agency": row.agency.name,
            "starts_at": moment(row.starts_at, row.agency),
            "ends_at": moment(row.ends_at, row.agency),
            "lasted": lasted(row.ends_at - row.starts_at),
            "cause": row.cause,
            "resolution": row.resolution,
            "evidence": row.evidence,
            "recorded_at": moment(row.recorded_at, row.agency),
            "clocks": _clocks(row, left),
            "left": _being_noted(left) if left else "",
        }


def _being_noted(cases: int) -> str:
    words = ngettext("Se está anotando: falta %(n)s solicitud.", "Se está anotando: faltan %(n)s solicitudes.", cases)
    return words % {"n": cases}


def _clocks(row: Any, left: int) -> str:
    if not row.noted:
        return "" if left else str(_("No corría ningún plazo que anotar."))
    noted = ngettext("Se anotó en %(n)s plazo.", "Se anotó en %(n)s plazos.", row.noted) % {"n": row.noted}
    if not row.gives_time:
        return str(_("%(noted)s La resolución no los amplía.")) % {"noted": noted}
    if not row.moved:
        return str(_("%(noted)s Ninguno se amplió.")) % {"noted": noted}
    more = ngettext("%(n)s se amplió.", "%(n)s se ampliaron.", row.moved) % {"n": row.moved}
    return f"{noted} {more}"


def told_before(reach: Reach) -> list[str]:
    """What publishing an outage would do, for whoever is about to publish it."""
    if not reach.clocks:
        return [_("No corría ningún plazo en esas horas: solo queda publicada.")]
    cases = ngettext("%(n)s solicitud", "%(n)s solicitudes", reach.cases) % {"n": reach.cases}
    words = ngettext(
        "Se anotará en %(n)s plazo, de %(cases)s.", "Se anotará en %(n)s plazos, de %(cases)s.", reach.clocks
    )
    given = ngettext(
        "De ellos, %(n)s vencía en esos días para la persona y se amplía un día hábil, si no pasa de la mitad.",
        "De ellos, %(n)s vencían en esos días para la persona y se amplían un día hábil, si no pasan de la mitad.",
        reach.given_time,
    )
    none = _("Ninguno se amplía.")
    return [words % {"n": reach.clocks, "cases": cases}, given % {"n": reach.given_time} if reach.given_time else none]


def lasted(span: timedelta) -> str:
    """How long: "2 horas y 5 minutos"."""
    minutes = int(span.total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        ngettext("%(n)s hora", "%(n)s horas", hours) % {"n": hours} if hours else "",
        ngettext("%(n)s minuto", "%(n)s minutos", minutes) % {"n": minutes} if minutes or not hours else "",
    ]
    return str(_(" y ")).join(part for part in parts if part)
