"""The list of procedures, beginning one, its home, and throwing a draft away."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from designer import operations
from designer.creating import Beginning
from designer.errors import DesignError
from designer.presenting import pages
from designer.views.shared import REFUSED, SignedIn, agency_of, draft_of, page, today
from legaltime.api import now
from procedures.models import ProcedureVersion


@require_safe
@never_cache
@login_required
def procedures(request: SignedIn) -> HttpResponse:
    """The procedures of the agency, published or being written: all, or those that were searched for."""
    agency = agency_of(request)
    context = pages.listing(agency, request.GET.get("buscar", ""), request.GET.get("estado", ""))
    return render(request, "designer/procedures.html", {**context, "institution": agency})


@never_cache
@login_required
def create(request: SignedIn) -> HttpResponse:
    """Begin a procedure: from what people ask for, an example, a copy, pasted questions, or nothing."""
    agency = agency_of(request)
    posted = request.POST if request.method == "POST" else None
    sheet = request.FILES.get("planilla")
    beginning = Beginning(agency, posted, asked=request.GET.get("peticion", ""), sheet=sheet)
    if request.method == "POST" and not beginning.problems and beginning.is_approved:
        try:
            draft = beginning.create(by=request.user.person, now=now())
        except DesignError as error:
            beginning.refuse(error)
        else:
            messages.success(request, _("Listo: este es tu trámite. Abajo está lo que falta para publicarlo."))
            return redirect("designer:home", draft.pk)
    status = REFUSED if beginning.problems else 200
    return render(request, "designer/create.html", {"begin": beginning, "institution": agency}, status=status)


@require_POST
@login_required
def edit_version(request: SignedIn, version_id: int) -> HttpResponse:
    """Open a published procedure to change it: the draft there is, or a new one from the version."""
    agency = agency_of(request)
    version = get_object_or_404(
        ProcedureVersion.objects.select_related("procedure"), pk=version_id, procedure__owner=agency
    )
    draft = operations.open_version(version=version, agency=agency, by=request.user.person, now=now())
    return redirect("designer:home", draft.pk)


@require_safe
@never_cache
@login_required
def home(request: SignedIn, pk: int) -> HttpResponse:
    """The task list of a draft."""
    draft = draft_of(request, pk)
    return page(request, "designer/home.html", draft, {**pages.home(draft, today()), "tab": "home"})


@never_cache
@login_required
def discard(request: SignedIn, pk: int) -> HttpResponse:
    """Throw a draft away, after asking once."""
    draft = draft_of(request, pk)
    if request.method != "POST":
        return page(request, "designer/discard.html", draft, {"tab": ""})
    operations.discard_draft(draft=draft, by=request.user.person, now=now())
    messages.success(request, _("Descartaste el borrador. Lo publicado sigue igual."))
    return redirect("designer:procedures")
