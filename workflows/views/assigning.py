"""Officials' page on which whoever leads a unit gives its steps to people of the unit."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from legaltime.api import now
from workflows.commands.assigning import assign_several
from workflows.presenting import assigning as present
from workflows.presenting.desk_step import CONFLICT, OK, UNPROCESSABLE
from workflows.views.linked import SignedIn, list_address, own_bandeja


@never_cache
@login_required
def assigning(request: SignedIn) -> HttpResponse:
    """Give the marked steps to somebody; what could not be given stays marked, with why."""
    bandeja = own_bandeja(request)
    if not bandeja.units_led:
        raise PermissionDenied
    wanted = (request.GET.get("quien", "")[:12], request.GET.get("p", "")[:6])
    page = present.AssigningPage(bandeja, *wanted, request.POST if request.method == "POST" else None)
    if page.form.is_valid():
        tasks, to, reason = page.chosen()
        outcome = assign_several(tasks=tasks, to=to, by=request.user, now=now(), reason=reason)
        if done := present.said(outcome, to):
            messages.success(request, done)
        if not any(given.refusal for given in outcome):
            return redirect(request.get_full_path())
        page = present.AssigningPage(bandeja, *wanted, present.left_over(request.POST, outcome), outcome)
    context = {**page.context(), "list_url": list_address(request)}
    status = CONFLICT if page.outcome else UNPROCESSABLE if page.form.errors else OK
    return render(request, "workflows/desk/assign.html", context, status=status)
