"""Pages of whoever operates an agency: its outside systems, their keys, and what they reported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from legaltime.api import now
from procedures.api import problems_of
from workflows.commands import systems as commands
from workflows.commands.reporting import dismiss_event, match_event
from workflows.errors import CommandRefused
from workflows.models import OutsideSystem, SystemKey
from workflows.presenting import systems as present
from workflows.presenting.desk_step import CONFLICT, OK, UNPROCESSABLE
from workflows.reporting.forms import DismissForm, MatchForm, SystemForm
from workflows.reporting.keys import NewKey
from workflows.reporting.queries import agencies_of, events_of, reportable, systems_of
from workflows.views.linked import SignedIn, only_with, own_day, signed_in_to_post

operators_only = only_with(agencies_of)


@require_safe
@never_cache
@login_required
@operators_only
def index(request: SignedIn) -> HttpResponse:
    """The systems, and the events that wait for somebody."""
    return render(request, "workflows/systems/index.html", present.index_context(request.user.person, own_day()))


@never_cache
@login_required
@operators_only
def register(request: SignedIn, agency: str) -> HttpResponse:
    """Register a system; its key is shown on the page that follows and never again."""
    found = get_object_or_404(agencies_of(request.user.person, own_day()), code=agency)
    events = list(reportable(found, own_day()))
    form = SystemForm(request.POST if request.method == "POST" else None, events=events)
    refusal: CommandRefused | None = None
    if form.is_valid():
        try:
            system, key = commands.register_system(agency=found, **form.cleaned_data, by=request.user.person, now=now())
        except CommandRefused as error:
            refusal = error
        else:
            return _shown(request, system, key)
    context = {"agency": found, "form": form, "events": events, "institution": found}
    return _form(request, "workflows/systems/form.html", context, form, refusal)


@require_safe
@never_cache
@login_required
@operators_only
def system(request: SignedIn, pk: int) -> HttpResponse:
    """One system: what it may report, its keys and what it reported."""
    return render(request, "workflows/systems/system.html", _context(_system(request, pk)))


@never_cache
@login_required
@operators_only
def change(request: SignedIn, pk: int) -> HttpResponse:
    """Change its name and what it may report."""
    found = _system(request, pk)
    events = list(reportable(found.agency, own_day()))
    initial = {"name": found.name, "may_report": found.may_report}
    posted = request.POST if request.method == "POST" else None
    form = SystemForm(posted, events=events, before=found.may_report, initial=initial)
    refusal: CommandRefused | None = None
    if form.is_valid():
        try:
            commands.change_system(system=found, **form.cleaned_data, by=request.user.person, now=now())
        except CommandRefused as error:
            refusal = error
        else:
            messages.success(request, _("Guardado."))
            return redirect("workflows:system", pk)
    context = {"system": found, "form": form, "events": form["may_report"], "institution": found.agency}
    return _form(request, "workflows/systems/form.html", context, form, refusal)


@require_POST
@never_cache
@signed_in_to_post
@operators_only
def new_key(request: SignedIn, pk: int) -> HttpResponse:
    """Make another key and show it, here and now only."""
    found = _system(request, pk)
    return _shown(request, found, commands.give_key(system=found, by=request.user.person, now=now()))


@require_POST
@signed_in_to_post
@operators_only
def revoke(request: SignedIn, pk: int, key_id: int) -> HttpResponse:
    """Stop taking a key at once."""
    key = get_object_or_404(SystemKey.objects.select_related("system__agency"), system=_system(request, pk), pk=key_id)
    try:
        commands.revoke_key(key=key, by=request.user.person, now=now())
    except CommandRefused as refusal:
        context = {**_context(key.system), "refusal": refusal}
        return render(request, "workflows/systems/system.html", context, status=CONFLICT)
    messages.success(request, _("La clave se anuló: desde ahora se rechaza lo que llegue con ella."))
    return redirect("workflows:system", pk)


@never_cache
@login_required
@operators_only
def event(request: SignedIn, pk: int) -> HttpResponse:
    """One event that a system reported; a kept one is given its case, or put aside."""
    found = get_object_or_404(events_of(request.user.person, own_day()), pk=pk)
    posted = request.POST if request.method == "POST" else None
    matching = posted if posted is not None and "asignar" in posted else None
    dismissing = posted if posted is not None and matching is None else None
    match = MatchForm(matching, initial={"number": found.case_number, "row": found.row})
    dismissal, refusal = DismissForm(dismissing), None
    try:
        if match.is_valid():
            settled = match_event(event=found, **match.cleaned_data, by=request.user.person, now=now())
            messages.success(request, present.state_in_words(settled).capitalize() + ".")
            return redirect("workflows:reported_event", pk)
        if dismissal.is_valid():
            dismiss_event(event=found, **dismissal.cleaned_data, by=request.user.person, now=now())
            messages.success(request, _("Se descartó."))
            return redirect("workflows:systems")
    except CommandRefused as error:
        refusal = error
    context = {**present.event_context(found, request.user.person, own_day()), "match": match, "dismissal": dismissal}
    return _form(request, "workflows/systems/event.html", context, match if matching else dismissal, refusal)


def _system(request: SignedIn, pk: int) -> OutsideSystem:
    return get_object_or_404(systems_of(request.user.person, own_day()), pk=pk)


def _context(found: OutsideSystem) -> dict[str, Any]:
    return present.system_context(found, now(), own_day())


def _shown(request: SignedIn, found: OutsideSystem, key: NewKey) -> HttpResponse:
    """The key in the answer itself: a redirect would have to keep it somewhere meanwhile."""
    return render(request, "workflows/systems/key.html", {**_context(found), "key": key.text})


def _form(
    request: SignedIn, template: str, context: dict[str, Any], form: Form, refusal: CommandRefused | None
) -> HttpResponse:
    errors = problems_of(form, refusal)
    status = CONFLICT if refusal else UNPROCESSABLE if errors else OK
    return render(request, template, {**context, "errors": errors}, status=status)
