"""Public pages of the catalogue: the first page, the search, fichas, and the way to other sites."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from accounts.api import agencies_where
from accounts.models import AgencyCapability
from legaltime.api import now
from procedures.api import count_hand_off, entry_for, offered_to_people
from workflows.drafts import open_drafts
from workflows.panels import ficha_panels
from workflows.presenting import catalogue as present
from workflows.presenting.citizen import draft_rows, ficha_context
from workflows.queries import recent_waits
from workflows.views.linked import own_day


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """The first page; with `q` or a filter, what the catalogue has of it."""
    asked = present.Asked.of(request.GET)
    if asked.is_anything:
        template, context = "workflows/citizen/catalogue.html", present.results_context(asked)
    else:
        template, context = "workflows/citizen/home.html", {**present.home_context(), "draft": _unfinished(request)}
    return render(request, template, {**context, "may_load": _may_load(request)})


def _unfinished(request: HttpRequest) -> dict[str, Any] | None:
    """What the person was writing last, to go on with it wherever they come in again."""
    return next(iter(draft_rows(open_drafts(request.user.person)[:1])), None) if request.user.is_authenticated else None


def _may_load(request: HttpRequest) -> bool:
    """Whether the person may load fichas from a file."""
    user = request.user
    return user.is_authenticated and agencies_where(user.person, AgencyCapability.PUBLISH, own_day()).exists()


@require_safe
def ficha(request: HttpRequest, agency: str, code: str) -> HttpResponse:
    """What a procedure is, costs, takes and needs, before anybody signs in; also of those that are not done here."""
    person = request.user.person if request.user.is_authenticated else None
    offering = offered_to_people(agency, code, own_day(), person_id=person.pk if person else None)
    entry = entry_for(agency, code)
    panels = {"panels": ficha_panels(request, entry)}
    if offering is not None:
        context = ficha_context(offering, person, recent_waits(offering, now()))
        return render(request, "workflows/citizen/ficha.html", {**context, **panels})
    if entry is None:
        raise Http404
    staff = {"for_staff": present.kept_for_staff(entry)} if _may_load(request) else {}
    return render(request, "workflows/citizen/paper_ficha.html", {**present.paper_context(entry), **panels, **staff})


@require_GET
@never_cache
def hand_off(request: HttpRequest, agency: str, code: str) -> HttpResponse:
    """On to the State's own site for this procedure; how many go is counted, who goes is not.

    A GET that counts: the policy for forms lets no POST end on another site.
    """
    entry = entry_for(agency, code)
    if entry is None or not entry.external_url:
        raise Http404
    count_hand_off(entry=entry, on=own_day())
    return redirect(entry.external_url)
