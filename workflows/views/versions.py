"""Staff pages of versions: which one each open case follows, what a change would do, and what it did."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.api import agencies_where
from accounts.models import Agency, AgencyCapability
from legaltime.api import now
from procedures.api import Problem
from procedures.models import Offering
from workflows.commands.versions import order_move, resume_move, undo_move
from workflows.errors import CommandRefused
from workflows.models import VersionMove
from workflows.presenting import versions as present
from workflows.versions.standing import cases_of
from workflows.views.linked import CONFLICT, SignedIn, own_day


@require_safe
@never_cache
@login_required
def index(request: SignedIn) -> HttpResponse:
    """The procedures of the person's agencies, their versions and how many open cases follow each."""
    agencies = _agencies(request)
    if not agencies.exists():
        raise PermissionDenied
    return render(request, "workflows/versions/index.html", present.index_context(agencies))


@never_cache
@login_required
def plan(request: SignedIn, source: int, target: int) -> HttpResponse:
    """What would become of each open case; sending the form orders it."""
    offered = Offering.objects.filter(agency__in=_agencies(request)).select_related("agency", "version__procedure")
    begun = get_object_or_404(offered, pk=source)
    wanted = get_object_or_404(offered, pk=target, agency=begun.agency, version__procedure=begun.version.procedure)
    refusal: Exception | None = None
    if request.method == "POST":
        left_out = {int(one) for one in request.POST.getlist("dejar") if one.isdecimal() and len(one) < 12}
        only = set(cases_of(begun).values_list("pk", flat=True)) - left_out
        reason, by = request.POST.get("motivo", ""), request.user.person
        try:
            ordered = order_move(source=begun, target=wanted, reason=reason, by=by, now=now(), only=only)
        except CommandRefused as error:
            refusal = error
        else:
            messages.success(request, _("Listo: las solicitudes pasan una por una. Aquí ves cómo va."))
            return redirect("workflows:version_move", ordered.pk)
    context = {**present.plan_context(begun, wanted), **_typed(request, refusal)}
    return render(request, "workflows/versions/plan.html", context, status=CONFLICT if refusal else 200)


def _typed(request: SignedIn, refusal: Exception | None) -> dict[str, Any]:
    """What was sent, and what is wrong with it: without a reason, in the question that asks for it."""
    reason = request.POST.get("motivo", "")
    errors = [Problem("main" if reason.strip() else "motivo", str(refusal))] if refusal else []
    return {"errors": errors, "reason": reason, "left_out": request.POST.getlist("dejar")}


@never_cache
@login_required
def move(request: SignedIn, pk: int) -> HttpResponse:
    """What became of each case of an order; from here it is resumed or undone."""
    found = VersionMove.objects.filter(agency__in=_agencies(request)).select_related(
        "agency", "by", "source__version", "target__version__procedure"
    )
    ordered = get_object_or_404(found, pk=pk)
    refusal: Exception | None = None
    if request.method == "POST":
        try:
            return redirect("workflows:version_move", _answer(request, ordered).pk)
        except CommandRefused as error:
            refusal = error
    context: dict[str, Any] = {**present.move_context(ordered), "refusal": refusal}
    return render(request, "workflows/versions/move.html", context, status=CONFLICT if refusal else 200)


def _answer(request: SignedIn, ordered: VersionMove) -> VersionMove:
    if "deshacer" in request.POST:
        reason = request.POST.get("motivo", "")
        back = undo_move(move=ordered, reason=reason, by=request.user.person, now=now())
        messages.success(request, _("Listo: las solicitudes vuelven una por una. Aquí ves cómo va."))
        return back
    resume_move(move=ordered, now=now())
    messages.success(request, _("Pedimos de nuevo las que faltaban."))
    return ordered


def _agencies(request: SignedIn) -> QuerySet[Agency]:
    return agencies_where(request.user.person, AgencyCapability.PUBLISH, own_day())
