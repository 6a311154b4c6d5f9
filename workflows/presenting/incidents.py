"""Incidents in words: the list with its figures, and one of them with what can be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from viewflow.workflow.status import STATUS

from accounts.models import Person
from workflows import queries
from workflows.commands.incidents import CLOSED_BY_HAND, menders
from workflows.commands.reviewing import steps_to_choose
from workflows.incidents import cause_left
from workflows.models import Case, Incident
from workflows.presenting.inbox import ShortPaginator, case_url, with_versions
from workflows.presenting.language import case_title, step_at_desk
from workflows.presenting.words import DayCounter, Due, moment
from workflows.queries import CaseActions
from workflows.runtime import Run
from workflows.separation import kept_out

PAGE = 50
Kind = Incident.Kind
VIEWS: dict[str, Any] = {
    "abiertos": gettext_lazy("Abiertos"),
    "mios": gettext_lazy("A mi cargo"),
    "sin-tomar": gettext_lazy("Sin nadie a cargo"),
    "cerrados": gettext_lazy("Cerrados"),
}
WHAT_TO_DO: dict[str, Any] = {
    Kind.RULE: gettext_lazy(
        "La regla no da respuesta con los datos de este caso. Completa o corrige el dato que le falta e inténtalo de "
        "nuevo. Si la regla está mal escrita, quien diseña el trámite debe publicar una versión corregida."
    ),
    Kind.NO_BRANCH: gettext_lazy(
        "Ninguna salida del paso sirve para los datos de este caso. Revisa los datos e inténtalo de nuevo; si son "
        "correctos, falta una salida en el trámite y quien lo diseña debe agregarla."
    ),
    Kind.NO_RESPONSIBLE: gettext_lazy(
        "Hace falta otra persona en ese cargo. Si quien lo ocupa está ausente, anota en «Ausencias» quién subroga; si "
        "no, pide a quien administra los cargos de tu institución que nombre a alguien. El incidente se cierra solo "
        "cuando haya quien pueda hacer el paso."
    ),
    Kind.EFFECT: gettext_lazy("Revisa la causa e inténtalo de nuevo. El incidente se cierra solo cuando resulte."),
    Kind.MAIL: gettext_lazy(
        "Revisa la dirección de correo e inténtalo de nuevo. Si la persona ya lo supo por otro medio, ciérralo "
        "diciendo cómo. Un correo no notifica ni hace correr plazos."
    ),
    Kind.SERVICE: gettext_lazy(
        "La otra institución no responde. Avísale a quien mantiene el servicio y pregunta de nuevo más tarde."
    ),
    Kind.SIGNATURE: gettext_lazy(
        "La firma no quedó en el documento. Quien debe firmar puede hacerlo de nuevo en su paso: el acto conserva su "
        "número y su fecha."
    ),
    Kind.STALLED: gettext_lazy(
        "El caso quedó abierto sin nada que lo mueva. Si el botón aparece, hazlo seguir desde el último paso; si no, "
        "pide ayuda a quien mantiene la instalación."
    ),
    Kind.NO_SUPERIOR: gettext_lazy(
        "Pide a quien administra los cargos de tu institución que nombre a quien subrogue en un cargo que firma los "
        "actos del trámite. Verá la recusación en su bandeja, y el incidente se cierra solo."
    ),
    Kind.NO_CERTIFICATE: gettext_lazy(
        "Pide a quien lo redacta o lo firma que lo haga hoy: no hay nada más que estudiar ni decidir. Si no está, "
        "anota en «Ausencias» quién subroga. El incidente se cierra solo cuando el certificado esté firmado."
    ),
    Kind.BASIS: gettext_lazy(
        "La solicitud no está detenida. Revisa si lo que se decidió o se entregó en ella sigue siendo correcto sin "
        "eso. Si no lo es, dicta el acto que corresponda según la ley. Cierra el incidente cuando puedas decir qué se "
        "hizo."
    ),
}
"""The remedy of each kind, for staff."""
GIVE_BACK = gettext_lazy(
    "Devuelve el paso a la bandeja: lo toma quien esté hoy en el cargo. Si no hay nadie, pide a quien administra los "
    "cargos de tu institución que nombre a alguien. El incidente se cierra solo cuando haya quien pueda hacer el paso."
)
"""The remedy while somebody who left still has the step."""
CHOOSE_STEP = gettext_lazy(
    "La resolución del recurso nombra un paso que esta solicitud no tiene, porque sigue con otra versión del trámite. "
    "Elige el paso que hace lo mismo: desde ahí se cumple lo que se resolvió. Tu motivo queda en el expediente."
)
"""The remedy where an appeal sends a case back to a step that its version lacks."""
NOBODY_TO_ASK = gettext_lazy(
    "Agrega a la persona interesada en «Otras gestiones» de la solicitud, con un correo o un domicilio, y notifícale. "
    "Si no hay a quién pedírselo, usa ahí la gestión que corresponda para seguir sin ese antecedente o terminar el "
    "caso."
)
"""The remedy while a step waits for an applicant whom the case does not have."""
AGES = (
    (gettext_lazy("Hasta 1 día"), 0, 1),
    (gettext_lazy("2 a 7 días"), 1, 7),
    (gettext_lazy("Más de 7 días"), 7, None),
)
"""Title and span in days of each column of the figures."""


@dataclass(frozen=True)
class Wanted:
    """What the address of the list asks for."""

    view: str
    kind: str
    agency: str
    page: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        """Reads the query string; what makes no sense is left out."""
        view, kind, agency = query.get("ver", ""), query.get("tipo", ""), query.get("institucion", "")
        return cls(
            view=view if view in VIEWS else "abiertos",
            kind=kind if kind in Kind.values else "",
            agency=agency if agency.isdecimal() and len(agency) < 12 else "",
            page=query.get("p", "1"),
        )

    def address(self, **changed: str) -> str:
        """The list with something else asked for."""
        asked = {"ver": self.view, "tipo": self.kind, "institucion": self.agency} | changed
        return f"{reverse('workflows:incidents')}?{urlencode({name: value for name, value in asked.items() if value})}"


def list_context(person: Person, now: datetime, today: date, wanted: Wanted) -> dict[str, Any]:
    """The whole list page."""
    seen = queries.incidents_of(person, today)
    found = _chosen(seen, person, wanted)
    page = ShortPaginator(found, PAGE).get_page(wanted.page)
    with_versions([incident.case for incident in page])
    counter = DayCounter(today)
    still_open = seen.filter(closed_at=None)
    return {
        "wanted": wanted,
        "tabs": list(_tabs(seen, person, wanted)),
        "title": VIEWS[wanted.view],
        "figures": list(_figures(still_open, now, wanted)),
        "ages": [title for title, _first, _last in AGES],
        "rows": [_row(incident, now, counter) for incident in page],
        "page": page,
        "query": wanted.address().partition("?")[2] + "&",
        "kinds": [(kind.value, capfirst(str(kind.label))) for kind in Kind],
    }


def _chosen(seen: QuerySet[Incident], person: Person, wanted: Wanted) -> QuerySet[Incident]:
    rows = _of_view(seen, wanted.view, person)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    return rows.filter(agency=int(wanted.agency)) if wanted.agency else rows


def _of_view(seen: QuerySet[Incident], view: str, person: Person) -> QuerySet[Incident]:
    if view == "cerrados":
        return seen.exclude(closed_at=None).order_by("-closed_at", "-pk")
    still_open = seen.filter(closed_at=None)
    if view == "mios":
        return still_open.filter(owner=person)
    return still_open.filter(owner=None) if view == "sin-tomar" else still_open


def _tabs(seen: QuerySet[Incident], person: Person, wanted: Wanted) -> Iterator[dict[str, Any]]:
    for name, title in VIEWS.items():
        count = None if name == "cerrados" else _of_view(seen, name, person).count()
        yield {"title": title, "url": wanted.address(ver=name), "current": name == wanted.view, "count": count}


def _figures(still_open: QuerySet[Incident], now: datetime, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """How many are open, by agency and kind, and since when."""
    columns = {
        f"age_{place}": Count("pk", filter=_age(first, last, now)) for place, (_t, first, last) in enumerate(AGES)
    }
    titles = [title for title, _first, _last in AGES]
    grouped = (
        still_open.order_by()
        .values("agency_id", "agency__name", "kind")
        .annotate(total=Count("pk"), unowned=Count("pk", filter=Q(owner=None)), **columns)
    )
    for row in grouped.order_by("agency__name", "kind"):
        yield {
            "agency": row["agency__name"],
            "kind": capfirst(str(Kind(row["kind"]).label)),
            "url": wanted.address(ver="abiertos", tipo=row["kind"], institucion=str(row["agency_id"])),
            "ages": list(zip(titles, (count for name, count in row.items() if name in columns), strict=True)),
            "unowned": row["unowned"],
            "total": row["total"],
        }


def _age(first: int, last: int | None, now: datetime) -> Q:
    """Opened more than `first` days ago and no more than `last`."""
    newest = Q() if not first else Q(opened_at__lt=now - timedelta(days=first))
    return newest if last is None else newest & Q(opened_at__gte=now - timedelta(days=last))


def _row(incident: Incident, now: datetime, counter: DayCounter) -> dict[str, Any]:
    return {
        "number": incident.case.number,
        "title": case_title(incident.case),
        "url": reverse("workflows:incident", args=[incident.pk]),
        "agency": incident.agency.name,
        "kind": capfirst(str(incident.get_kind_display())),
        "detail": incident.detail,
        "owner": str(incident.owner) if incident.owner else "",
        "age": age_in_words(incident, now),
        "due": _due(incident, counter),
    }


def _due(incident: Incident, counter: DayCounter) -> Due:
    if incident.closed_at is not None:
        return Due(_("cerrado"), moment(incident.closed_at, incident.agency), "success")
    return counter.due(incident.due_on, incident.agency)


def age_in_words(incident: Incident, now: datetime) -> str:
    """How long it has been open, or was."""
    days = ((incident.closed_at or now) - incident.opened_at).days
    return ngettext("%(n)s día", "%(n)s días", days) % {"n": days} if days else _("menos de un día")


def incident_context(incident: Incident, person: Person, now: datetime, today: date) -> dict[str, Any]:
    """One incident: what happened, what to do, who sees to it, and whether it can be closed."""
    is_linked = incident.case.offering_id in set(queries.offerings_of(person, today))
    left = "" if incident.closed_at else cause_left(Run(case=incident.case, now=now, by=None), incident)
    task = incident.task
    already = {person.pk, incident.owner_id or person.pk}
    kept_back = kept_out(incident.case, person, today) is not None
    steps = steps_to_choose(incident) if is_linked and not kept_back else {}
    can_free = bool(left) and incident.kind == Kind.NO_RESPONSIBLE and _is_held(incident)
    return {
        "institution": incident.agency,
        "incident": incident,
        "kind": capfirst(str(incident.get_kind_display())),
        "age": age_in_words(incident, now),
        "due": _due(incident, DayCounter(today)),
        "opened_at": moment(incident.opened_at, incident.agency),
        "closed_at": moment(incident.closed_at, incident.agency),
        "case_url": case_url(incident.case.ref) if is_linked else "",
        "step": step_at_desk(task, incident.case.version) if task else "",
        "what_to_do": CHOOSE_STEP if steps else _remedy(incident, can_free=can_free),
        "left": left,
        "left_says_more": left != incident.detail,
        "may_close": (not left or incident.kind in CLOSED_BY_HAND) and not (kept_back and incident.kind == Kind.BASIS),
        "can_retry": queries.can_retry(incident) and not steps,
        "can_free": can_free,
        "is_mine": incident.owner_id == person.pk,
        "steps": list(steps.items()),
        "people": [(str(one.pk), str(one)) for one in menders(incident, now).exclude(pk__in=already)],
    }


def _remedy(incident: Incident, *, can_free: bool) -> Any:
    if can_free:
        return GIVE_BACK
    asks = incident.task is not None and incident.task.for_applicant and incident.kind == Kind.NO_RESPONSIBLE
    return NOBODY_TO_ASK if asks else WHAT_TO_DO[incident.kind]


def _is_held(incident: Incident) -> bool:
    return incident.task is not None and incident.task.status == STATUS.ASSIGNED


@dataclass(frozen=True)
class Stop:
    """Something that stopped a case, as its page shows it."""

    pk: int
    kind: str
    detail: str
    opened_at: datetime
    can_retry: bool


def stops(case: Case, actions: CaseActions) -> Iterator[Stop]:
    """What stops the case now, the oldest first."""
    for incident in Incident.objects.filter(case=case, closed_at=None).order_by("opened_at"):
        kind = capfirst(str(incident.get_kind_display()))
        yield Stop(incident.pk, kind, incident.detail, incident.opened_at, incident.pk in actions.retry)
