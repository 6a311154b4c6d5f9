"""Incidents: the list with its figures, one of them, and what staff do about it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.api import roles_of
from accounts.models import Person
from legaltime.api import now
from workflows import queries
from workflows.commands import incidents as commands
from workflows.commands.effects import retry_incident
from workflows.errors import CommandRefused, RoutingError
from workflows.models import Incident
from workflows.presenting import incidents as present
from workflows.views.linked import CONFLICT, SignedIn, own_day, signed_in_to_post


@require_safe
@never_cache
@login_required
def incidents(request: SignedIn) -> HttpResponse:
    """What stopped the cases that the official answers for."""
    today = own_day()
    if not roles_of(request.user.person, today):
        raise PermissionDenied
    context = present.list_context(request.user.person, now(), today, present.Wanted.of(request.GET))
    return render(request, "workflows/incidents/list.html", context)


@require_safe
@never_cache
@login_required
def incident(request: SignedIn, incident_id: int) -> HttpResponse:
    """One incident and its remedies."""
    return _show(request, _seen(request, incident_id))


@require_POST
@signed_in_to_post
def take(request: SignedIn, incident_id: int) -> HttpResponse:
    """See to it oneself."""
    return _do(
        request,
        incident_id,
        lambda found: commands.take(incident=found, by=request.user.person, now=now()),
        _("Ahora este incidente está a tu cargo."),
    )


@require_POST
@signed_in_to_post
def assign(request: SignedIn, incident_id: int) -> HttpResponse:
    """Have somebody else see to it."""
    chosen = request.POST.get("persona", "")
    to = Person.objects.filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 12 else None

    def do(found: Incident) -> None:
        if to is None:
            raise CommandRefused(_("Elige a quién encargar el incidente."))
        commands.assign(incident=found, to=to, by=request.user.person, now=now())

    return _do(request, incident_id, do, _("El incidente quedó a cargo de %(name)s.") % {"name": to})


@require_POST
@signed_in_to_post
def retry(request: SignedIn, incident_id: int) -> HttpResponse:
    """Try again what failed."""
    return _do(
        request,
        incident_id,
        lambda found: retry_incident(incident=found, by=request.user.person, now=now()),
        _("Se está intentando de nuevo. El incidente se cierra solo cuando resulte."),
    )


@require_POST
@signed_in_to_post
def free_step(request: SignedIn, incident_id: int) -> HttpResponse:
    """Put back the step of somebody who is not in the role any more."""
    return _do(
        request,
        incident_id,
        lambda found: commands.free_step(incident=found, by=request.user.person, now=now()),
        _("El paso volvió a la bandeja de su cargo."),
    )


@require_POST
@signed_in_to_post
def choose_step(request: SignedIn, incident_id: int) -> HttpResponse:
    """Say from which step a case goes back to carry out what an appeal resolved."""
    chosen, reason = (request.POST.get(name, "").replace("\x00", "") for name in ("paso", "motivo"))
    return _do(
        request,
        incident_id,
        lambda found: commands.choose_step(
            incident=found, step_id=chosen, reason=reason, by=request.user.person, now=now()
        ),
        _("Se está cumpliendo lo que resolvió el recurso. El incidente se cierra solo cuando resulte."),
        typed=reason,
        chosen=chosen,
    )


@require_POST
@signed_in_to_post
def close(request: SignedIn, incident_id: int) -> HttpResponse:
    """Close it by hand; refused while the case is stuck."""
    resolution = request.POST.get("solucion", "").replace("\x00", "")
    return _do(
        request,
        incident_id,
        lambda found: commands.close(incident=found, resolution=resolution, by=request.user.person, now=now()),
        _("Cerraste el incidente."),
        typed=resolution,
    )


def _seen(request: SignedIn, incident_id: int) -> Incident:
    found = queries.incidents_of(request.user.person, own_day()).select_related("task__owner__person", "task__role")
    return get_object_or_404(found, pk=incident_id)


def _do(
    request: SignedIn, incident_id: int, act: Callable[[Incident], None], said: str, typed: str = "", chosen: str = ""
) -> HttpResponse:
    found = _seen(request, incident_id)
    try:
        act(found)
    except (CommandRefused, RoutingError) as refusal:
        return _show(request, _seen(request, incident_id), refusal, typed, chosen)
    messages.success(request, said)
    return redirect("workflows:incident", found.pk)


def _show(
    request: SignedIn, found: Incident, refusal: Exception | None = None, typed: str = "", chosen: str = ""
) -> HttpResponse:
    today = own_day(found.case)
    context = present.incident_context(found, request.user.person, now(), today)
    status = CONFLICT if refusal else 200
    page = {**context, "refusal": refusal, "typed": typed, "chosen": chosen}
    return render(request, "workflows/incidents/one.html", page, status=status)
