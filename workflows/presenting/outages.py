"""Outages in words, as anybody may read them (DS 4 art. 47)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflows.commands.outages import unnoted
from workflows.models import Outage
from workflows.presenting.words import moment

MOST = 200
"""The latest that the page shows."""


def outages() -> Iterator[dict[str, Any]]:
    """The outages of every agency, the latest first, with what they did to clocks."""
    moved = Count("changes", filter=~Q(changes__due_after=F("changes__due_before")))
    rows = Outage.objects.select_related("agency").annotate(noted=Count("changes"), moved=moved)
    for row in rows.order_by("-starts_at", "-pk")[:MOST]:
        left = 0 if row.reached_at else _left(row)
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


def _left(row: Outage) -> int:
    """Cases that remain while batches of them are still asked for."""
    return unnoted(row).values("case_id").distinct().count()


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
        return str(_("%(noted)s Ninguno vencía en esos días.")) % {"noted": noted}
    more = ngettext("%(n)s se amplió.", "%(n)s se ampliaron.", row.moved) % {"n": row.moved}
    return f"{noted} {more}"


def lasted(span: timedelta) -> str:
    """How long: "2 horas y 5 minutos"."""
    minutes = int(span.total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        ngettext("%(n)s hora", "%(n)s horas", hours) % {"n": hours} if hours else "",
        ngettext("%(n)s minuto", "%(n)s minutos", minutes) % {"n": minutes} if minutes or not hours else "",
    ]
    return str(_(" y ")).join(part for part in parts if part)
