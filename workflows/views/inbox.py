"""The bandeja: its lists, taking the next step, and searching among the cases of one's procedures."""

from __future__ import annotations

from base64 import b64decode, b64encode
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.api import capabilities_of, open_sealed, seal
from accounts.models import AgencyCapability
from legaltime.api import now
from procedures.api import Problem
from workflows import searching
from workflows.bandeja import Bandeja
from workflows.commands import desk as commands
from workflows.operations import record_search
from workflows.presenting import inbox as present
from workflows.presenting.desk_step import NOTHING_WAITS, OK, UNPROCESSABLE
from workflows.views.linked import SignedIn, keep_list, own_bandeja, signed_in_to_post

KEPT, SEALED_AS = "search", "workflows.search"
"""Where the session keeps, sealed, whom the official looked for last: a RUN or a name stands in no address."""


@require_safe
@never_cache
@login_required
def inbox(request: SignedIn) -> HttpResponse:
    """The steps that wait for the official, or the cases they looked for."""
    bandeja = own_bandeja(request)
    wanted = present.Wanted.of(request.GET)
    keep_list(request, wanted.query())
    sought = _sought(request, wanted)
    is_lost = wanted.by_person and sought is None
    problem = Problem("q", _("Esa búsqueda ya no está guardada. Escríbela otra vez.")) if is_lost else None
    return _show(request, bandeja, wanted, sought, problem)


@require_POST
@signed_in_to_post
def search(request: SignedIn) -> HttpResponse:
    """Look for a case by its number, or for those of a person by name or RUN: the latter is recorded (R40)."""
    bandeja, typed = own_bandeja(request), request.POST.get("q", "")
    try:
        sought = searching.read(typed)
    except searching.NothingSought as problem:
        return _show(request, bandeja, present.Wanted.of({}), None, Problem("q", str(problem)), typed)
    if sought.is_about_people:
        record_search(sought=sought, by=bandeja.person, agency_ids=bandeja.agencies, now=now())
        _keep(request, sought.text)
    return redirect(f"{reverse('workflows:inbox')}?{urlencode(present.address_of(sought))}")


@require_POST
@signed_in_to_post
def take_next(request: SignedIn) -> HttpResponse:
    """Take the step of the case that entered first."""
    bandeja = own_bandeja(request)
    task = commands.take_next(by=request.user, on=bandeja.on, now=now())
    if task is None:
        messages.info(request, NOTHING_WAITS)
        return redirect("workflows:inbox")
    return redirect("workflows:desk_step", task.process.ref, task.pk)


def _show(
    request: SignedIn,
    bandeja: Bandeja,
    wanted: present.Wanted,
    sought: searching.Sought | None,
    problem: Problem | None = None,
    typed: str = "",
) -> HttpResponse:
    context = present.inbox_context(bandeja, wanted, sought)
    granted = capabilities_of(bandeja.person, bandeja.on)
    context |= {
        "attends": AgencyCapability.COUNTER in granted,
        "checks_powers": AgencyCapability.POWERS in granted,
        "operates": AgencyCapability.OPERATE in granted,
        "administers": AgencyCapability.ADMINISTER in granted,
        "leads": bool(bandeja.units_led),
        "errors": [problem] if problem else [],
        "typed": sought.text if sought else typed,
    }
    return render(request, "workflows/desk/inbox.html", context, status=UNPROCESSABLE if problem else OK)


def _sought(request: HttpRequest, wanted: present.Wanted) -> searching.Sought | None:
    """What the address looks for: a number that it carries, or whom the session remembers."""
    if wanted.number:
        return searching.by_number(wanted.number)
    kept = request.session.get(KEPT, "") if wanted.by_person else ""
    return searching.read(open_sealed(b64decode(kept), SEALED_AS).decode()) if kept else None


def _keep(request: HttpRequest, text: str) -> None:
    request.session[KEPT] = b64encode(seal(text.encode(), SEALED_AS)).decode()
