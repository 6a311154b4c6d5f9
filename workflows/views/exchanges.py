"""What cases asked of other bodies: the page of the interested person, and the register of whoever audits."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.api import agencies_where
from accounts.models import AgencyCapability
from workflows.presenting import exchanges as present
from workflows.views.citizen import own_case
from workflows.views.linked import SignedIn, own_day


@require_safe
@never_cache
@login_required
def of_case(request: SignedIn, ref: str) -> HttpResponse:
    """ "Qué se pidió a otras instituciones": the person reads the whole record (Ley 19.880 art. 24 bis)."""
    found = own_case(request, ref)
    return render(request, "workflows/exchanges/case.html", present.case_page(found, request.user.person))


@require_safe
@never_cache
@login_required
def register(request: SignedIn) -> HttpResponse:
    """The register of the agencies that the official watches over, on a page or as CSV."""
    agencies = agencies_where(request.user.person, AgencyCapability.OPERATE, own_day())
    if not agencies.exists():
        raise PermissionDenied
    wanted = present.Wanted.of(request.GET)
    if request.GET.get("formato") != "csv":
        return render(request, "workflows/exchanges/register.html", present.register_page(agencies, wanted))
    response = HttpResponse(present.register_csv(agencies, wanted), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, "intercambios.csv") or ""
    return response
