"""The page that reviews a draft before publishing, the history, and the whole procedure on one page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from designer import publishing, reviewing
from designer.models import ProcedureDraft
from designer.presenting import lists, testing
from designer.presenting.findings import said_of
from legaltime.api import local_date, now
from procedures.api import SHARES, pilot_of, scheduled_of
from procedures.models import Offering, ProcedureVersion
from workflows.models import Case

MOST_REVISIONS = 100


def context(draft: ProcedureDraft) -> dict[str, Any]:
    """Everything that somebody who publishes has to know."""
    found = said_of(draft)
    news = publishing.news_of(draft)
    cases, drafts = publishing.running(draft)
    return {
        "tab": "",
        "found_errors": [said for said in found if said.is_error],
        "suggestions": [said for said in found if not said.is_error],
        "changes": publishing.changes_since_published(draft),
        "news": news,
        "act": _ACTS[news.kind] % {"number": news.number},
        "roles": _roles(draft),
        "unbound": publishing.unbound(draft),
        "thin_roles": publishing.thin_roles_of(draft, _today(draft)),
        "tests": testing.context(draft),
        "running": _running(cases),
        "filling": _filling(drafts),
        "shares": SHARES,
        "offices": list(publishing.offices(draft)),
        "pilot": _pilot(draft),
        "scheduled": _scheduled(draft),
        "agreement": reviewing.agreement_on(draft),
    }


_ACTS = {
    "version": gettext_lazy("Publicar la versión %(number)s"),
    "people": gettext_lazy("Cambiar quién actúa en la versión %(number)s"),
    "again": gettext_lazy("Volver a ofrecer la versión %(number)s"),
    "nothing": gettext_lazy("No hay nada que publicar"),
}
"""What publishing would do, as its button says it."""
PILOT_DONE = {
    "ampliar": gettext_lazy("Ampliaste el piloto."),
    "abrir": gettext_lazy("La versión se ofrece a todas las personas desde ahora."),
    "cerrar": gettext_lazy("Cerraste el piloto. Quienes ya empezaron terminan con esa versión."),
    "cancelar": gettext_lazy("Esa versión ya no comenzará. Sigue la que se ofrece ahora."),
}


def _pilot(draft: ProcedureDraft) -> dict[str, Any] | None:
    """The pilot that is open, and how it goes."""
    found = pilot_of(draft.agency, draft.code, _today(draft))
    if found is None:
        return None
    cases = Case.objects.filter(offering=found)
    share = found.pilot_share or 0
    return {
        "number": found.version.number,
        "who": _who(found),
        "since": date_format(found.effective_from, "SHORT_DATE_FORMAT"),
        "begun": _begun(cases.count(), cases.filter(finished__isnull=False).count()),
        "wider": [more for more in SHARES if more > share],
    }


def _who(offering: Offering) -> str:
    """Who is invited to a pilot, in words."""
    if offering.pilot_unit is not None:
        return _("a quienes atiende %(unit)s") % {"unit": offering.pilot_unit.name}
    return _("al %(share)s %% de las personas") % {"share": offering.pilot_share}


def _begun(cases: int, ended: int) -> str:
    text = ngettext(
        "%(count)s solicitud presentada, %(ended)s terminada.",
        "%(count)s solicitudes presentadas, %(ended)s terminadas.",
        cases,
    )
    return text % {"count": cases, "ended": ended}


def _scheduled(draft: ProcedureDraft) -> dict[str, Any] | None:
    """What begins to be offered on a later day."""
    found = scheduled_of(draft.agency, draft.code, _today(draft))
    if found is None:
        return None
    return {"number": found.version.number, "day": date_format(found.effective_from, "DATE_FORMAT")}


def _today(draft: ProcedureDraft) -> date:
    return local_date(now(), draft.agency.time_zone)


def published(offering: Offering, news: publishing.News) -> str:
    """What to say once it is done; `news` is what was going to be done."""
    if news.kind == "people":
        return _("Listo: en la versión %(number)s actúan quienes elegiste.") % {"number": offering.version.number}
    if offering.is_pilot:
        text = _("Publicaste la versión %(number)s en piloto: se ofrece %(who)s.")
        return text % {"number": offering.version.number, "who": _who(offering)}
    day = date_format(offering.effective_from, "SHORT_DATE_FORMAT")
    text = _("Publicaste la versión %(number)s. Se ofrece desde el %(day)s.")
    return text % {"number": offering.version.number, "day": day}


def history(draft: ProcedureDraft) -> dict[str, Any]:
    """Versions and changes, the newest first."""
    versions = ProcedureVersion.objects.filter(procedure__owner=draft.agency_id, procedure__code=draft.code)
    revisions = draft.revisions.select_related("by").defer("packed").order_by("-number")
    return {
        "versions": versions.select_related("published_by").defer("canonical", "diagram_svg").order_by("-number"),
        "revisions": revisions[:MOST_REVISIONS],
    }


def whole(draft: ProcedureDraft) -> dict[str, Any]:
    """Every form, step, document and notice, to read at once."""
    forms = [
        {"title": form.get("title"), "pages": lists.pages_of(draft, form, ())}
        for form in draft.content.get("forms") or ()
    ]
    documents = [
        {"title": item.get("title"), "blocks": lists.blocks_of(draft, ("documents", item["id"]))}
        for item in draft.content.get("documents") or ()
    ]
    return {
        "all_forms": forms,
        "steps": lists.steps_of(draft, ()),
        "diagram": lists.diagram(draft),
        "all_documents": documents,
        "all_notices": draft.content.get("notices") or [],
    }


def _roles(draft: ProcedureDraft) -> list[tuple[str, str]]:
    bound = publishing.bound_roles(draft)
    return [
        (slot.get("title", slot["id"]), str(bound[slot["id"]]) if slot["id"] in bound else "")
        for slot in draft.content.get("roles") or ()
    ]


def _running(count: int) -> str:
    if not count:
        return _("No hay solicitudes en curso.")
    return ngettext(
        "%(count)s solicitud en curso termina con la versión con que empezó.",
        "%(count)s solicitudes en curso terminan con la versión con que empezaron.",
        count,
    ) % {"count": count}


def _filling(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "%(count)s persona tiene una solicitud a medio llenar: la termina con la versión con que empezó.",
        "%(count)s personas tienen una solicitud a medio llenar: la terminan con la versión con que empezaron.",
        count,
    ) % {"count": count}
