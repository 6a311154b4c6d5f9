"""Outages of the platform: the public list, and the form of whoever operates an agency."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.api import agencies_where
from accounts.models import Agency, AgencyCapability
from legaltime.api import now
from procedures.api import problems_of
from workflows.commands.outages import record_outage
from workflows.errors import CommandRefused
from workflows.outages import OutageForm
from workflows.presenting import outages as present
from workflows.presenting.desk_step import CONFLICT, OK, UNPROCESSABLE
from workflows.views.linked import SignedIn, own_day


@require_safe
def outages(request: HttpRequest) -> HttpResponse:
    """When the platform did not work, for everybody."""
    may_record = request.user.is_authenticated and _agencies(request).exists()  # type: ignore[arg-type]
    context = {"outages": list(present.outages()), "may_record": may_record}
    return render(request, "workflows/outages/list.html", context)


@never_cache
@login_required
def record(request: SignedIn) -> HttpResponse:
    """State an outage that is over."""
    agencies = _agencies(request)
    if not agencies.exists():
        raise PermissionDenied
    form = OutageForm(request.POST if request.method == "POST" else None, agencies=agencies)
    refusal: CommandRefused | None = None
    if form.is_valid():
        agency = form.cleaned_data["agency"]
        try:
            record_outage(agency=agency, stated=form.stated(), by=request.user.person, now=now())
        except CommandRefused as error:
            refusal = error
        else:
            messages.success(request, _("La interrupción quedó publicada y se está anotando en los plazos."))
            return redirect("workflows:outages")
    return _form(request, form, refusal)


def _form(request: SignedIn, form: OutageForm, refusal: CommandRefused | None) -> HttpResponse:
    status = CONFLICT if refusal else UNPROCESSABLE if form.errors else OK
    return render(
        request, "workflows/outages/record.html", {"form": form, "errors": problems_of(form, refusal)}, status=status
    )


def _agencies(request: SignedIn) -> QuerySet[Agency]:
    return agencies_where(request.user.person, AgencyCapability.OPERATE, own_day())
