"""Outages of the platform: the public list, and the form of whoever operates an agency."""

from __future__ import annotations

from typing import Any

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
from workflows.commands.outages import Reach, preview_outage, record_outage
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
    if not form.is_valid():
        return _form(request, form)
    told = {"agency": form.cleaned_data["agency"], "stated": form.stated(), "now": now()}
    try:
        if not form.stands_as_counted:
            return _form(request, form, reach=preview_outage(by=request.user.person, **told))
        record_outage(by=request.user.person, **told)
    except CommandRefused as refusal:
        return _form(request, form, refusal)
    messages.success(request, _("La interrupción quedó publicada y se está anotando en los plazos."))
    return redirect("workflows:outages")


def _form(
    request: SignedIn, form: OutageForm, refusal: CommandRefused | None = None, reach: Reach | None = None
) -> HttpResponse:
    """The form; with `reach`, what publishing it would touch and the button that does."""
    status = CONFLICT if refusal else UNPROCESSABLE if form.errors else OK
    context: dict[str, Any] = {"form": form, "errors": problems_of(form, refusal)}
    if reach is not None:
        context |= {"reach": present.told_before(reach), "counted": form.fingerprint()}
    return render(request, "workflows/outages/record.html", context, status=status)


def _agencies(request: SignedIn) -> QuerySet[Agency]:
    return agencies_where(request.user.person, AgencyCapability.OPERATE, own_day())
