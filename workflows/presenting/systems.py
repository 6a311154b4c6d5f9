"""Outside systems in words: what they may report, their keys, and what they reported."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from procedures.api import WaitStep, bundle_of
from workflows.access import official_cases
from workflows.models import OutsideSystem, ReportedEvent, SystemKey
from workflows.presenting.words import moment
from workflows.reporting.queries import agencies_of, events_of, reportable, systems_of

LATEST = 50
"""How many events a page shows."""
EXAMPLE_CASE = "2026-000123"


def index_context(person: Person, today: date) -> dict[str, Any]:
    """The systems that the person looks after, and what waits for somebody to look at it."""
    systems = systems_of(person, today).annotate(
        last_used=Max("keys__last_used_at"),
        kept=Count("events", filter=Q(events__state=ReportedEvent.State.KEPT), distinct=True),
    )
    kept = events_of(person, today).filter(state=ReportedEvent.State.KEPT)
    return {
        "agencies": agencies_of(person, today).order_by("name"),
        "systems": [
            {
                "pk": system.pk,
                "name": system.name,
                "agency": system.agency.name,
                "used": moment(system.last_used, system.agency),
                "kept": system.kept,
            }
            for system in systems.order_by("name")
        ],
        "events": event_rows(kept.order_by("received_at", "pk")[:LATEST], today),
        "is_cut": kept.count() > LATEST,
    }


def system_context(system: OutsideSystem, now: datetime, today: date) -> dict[str, Any]:
    """One system with its keys, an example of how it reports, and the latest that it reported."""
    events = system.events.select_related("agency", "system", "case").defer("case__flow_class")
    return {
        "system": system,
        "institution": system.agency,
        "registered_at": moment(system.registered_at, system.agency),
        "reports": list(_reports(system, today)),
        "keys": [_key(key, now) for key in system.keys.order_by("-made_at", "-pk")],
        "events": event_rows(events.order_by("-received_at", "-pk")[:LATEST], today),
        "address": settings.PUBLIC_URL + reverse("workflows:report_event"),
        "example": example(system, today),
    }


def _reports(system: OutsideSystem, today: date) -> Iterator[dict[str, str]]:
    known = {one.event: one for one in reportable(system.agency, today)}
    for event in system.may_report:
        one = known.get(event)
        awaited = capfirst(one.awaited) if one else _("Ningún trámite publicado lo espera hoy")
        yield {"event": event, "awaited": awaited, "procedure": one.procedure if one else ""}


def _key(key: SystemKey, now: datetime) -> dict[str, Any]:
    agency, is_over = key.system.agency, key.ends_at is not None and key.ends_at <= now
    state, kind = _("sirve"), "success"
    if is_over:
        state, kind = _("no sirve desde el %(at)s") % {"at": moment(key.ends_at, agency)}, ""
    elif key.ends_at is not None:
        state, kind = _("reemplazada: sirve hasta el %(at)s") % {"at": moment(key.ends_at, agency)}, "warning"
    return {
        "pk": key.pk,
        "name": f"spk_{key.public_part}_…",
        "state": state,
        "kind": kind,
        "made": _("%(at)s, por %(who)s") % {"at": moment(key.made_at, agency), "who": key.made_by},
        "used": moment(key.last_used_at, agency),
        "may_revoke": not is_over,
    }


def example(system: OutsideSystem, today: date) -> str:
    """A command that reports, ready to be changed and tried."""
    event = next(iter(system.may_report), "")
    body = json.dumps({"event": event, "case": EXAMPLE_CASE, "on": today.isoformat()}, ensure_ascii=False)
    lines = [
        f"curl {settings.PUBLIC_URL}{reverse('workflows:report_event')}",
        "-H 'Authorization: Bearer spk_…'",
        "-H 'Content-Type: application/json'",
        "-H 'Idempotency-Key: aviso-0001'",
        f"-d '{body}'",
    ]
    return " \\\n  ".join(lines)


def event_rows(events: Iterable[ReportedEvent], today: date) -> list[dict[str, Any]]:
    """What was reported, one line each. Nothing of what the case holds (R44)."""
    events = list(events)
    awaited = {
        (agency.pk, one.event): one.awaited
        for agency in {event.agency for event in events}
        for one in reportable(agency, today)
    }
    return [
        {
            "url": reverse("workflows:reported_event", args=[event.pk]),
            "number": event.case_number,
            "event": event.event,
            "awaited": capfirst(awaited.get((event.agency_id, event.event), "")),
            "system": event.system.name,
            "on": date_format(event.happened_on, "SHORT_DATE_FORMAT"),
            "received": moment(event.received_at, event.agency),
            "state": state_in_words(event),
            "kind": KINDS[event.state],
            "to_do": to_do(event),
        }
        for event in events
    ]


KINDS = {"applied": "success", "kept": "warning", "dismissed": ""}


def state_in_words(event: ReportedEvent) -> str:
    """What became of it."""
    if event.state != ReportedEvent.State.KEPT:
        return str(event.get_state_display())
    return _("guardado: %(why)s") % {"why": event.get_why_display()}


TO_DO = {
    "early": gettext_lazy(
        "No tienes que hacer nada: se registra solo cuando la solicitud llegue al paso que lo espera."
    ),
    "no_case": gettext_lazy("Busca el número correcto con el sistema que lo informó, y asígnalo; o descártalo."),
    "several": gettext_lazy("Di de qué fila se trata, o pide a quien lleva la solicitud que lo registre a mano."),
    "over": gettext_lazy("Puede repetir algo que ya se registró. Compruébalo y descártalo, o asígnalo."),
    "invalid": gettext_lazy("Quien lleva la solicitud puede registrarlo a mano en el paso. Después, descártalo aquí."),
    "withdrawn": gettext_lazy(
        "No se registra solo. Confirma con la institución que lo informó si es verdad: si lo es, asígnalo; si no, "
        "descártalo."
    ),
}


def to_do(event: ReportedEvent) -> str:
    """What whoever operates the agency does about a kept one; "" for one that is settled."""
    return str(TO_DO.get(event.why, "")) if event.state == ReportedEvent.State.KEPT else ""


def event_context(event: ReportedEvent, person: Person, today: date) -> dict[str, Any]:
    """One event, and what can be done with it."""
    is_linked = event.case_id is not None and official_cases(person, today).filter(pk=event.case_id).exists()
    return {
        "event": event,
        "institution": event.agency,
        "state": state_in_words(event),
        "kind": KINDS[event.state],
        "to_do": to_do(event),
        **_step_words(event),
        "on": date_format(event.happened_on, "SHORT_DATE_FORMAT"),
        "received": moment(event.received_at, event.agency),
        "settled": moment(event.settled_at, event.agency),
        "case_url": reverse("workflows:desk_case", args=[event.case.ref]) if is_linked and event.case else "",
    }


def _step_words(event: ReportedEvent) -> dict[str, str]:
    """The step of its case that waits for it, and for what; "" where no case is known."""
    bundle = bundle_of(event.case.version) if event.case is not None else None
    step = bundle.step(event.step_id) if bundle is not None and bundle.has_step(event.step_id) else None
    awaited = capfirst(step.event or "") if isinstance(step, WaitStep) else ""
    return {"step": step.title if step is not None else "", "awaited": awaited}
