"""Orders about the order of entry: the list, giving one, ending one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.api import roles_of
from legaltime.api import now
from procedures.api import Problem, bundle_of, offerings_on
from workflows.commands.entry_orders import end_order, give_order, units_ordered
from workflows.errors import CommandRefused
from workflows.models import EntryOrder
from workflows.presenting import entry_orders as present
from workflows.presenting.desk_step import CONFLICT, OK, UNPROCESSABLE
from workflows.views.linked import SignedIn, own_day, signed_in_to_post


@require_safe
@never_cache
@login_required
def index(request: SignedIn) -> HttpResponse:
    """The orders in force, to come and over, for every official of the agency; goes on to where one is given."""
    wanted, _dash, unit = request.GET.get("para", "").partition("-")
    if wanted.isdecimal() and unit.isdecimal() and len(wanted + unit) < 20:
        return redirect("workflows:entry_order_give", int(wanted), int(unit))
    return _index(request)


def _index(request: SignedIn, refusal: Exception | None = None, failed: EntryOrder | None = None) -> HttpResponse:
    """The page; with why `failed` could not be ended, told at its question while it is still there."""
    if not roles_of(request.user.person, own_day()):
        raise PermissionDenied
    context = present.index_context(request.user.person, own_day())
    is_asked = failed is not None and any(row["order"] == failed and row["may_end"] for row in context["orders"])
    errors = [Problem(f"motivo-{failed.pk}" if failed and is_asked else "", str(refusal))] if refusal else []
    status = CONFLICT if refusal else OK
    page = {**context, "errors": errors, "failed": failed}
    return render(request, "workflows/orders/index.html", page, status=status)


@never_cache
@login_required
def give(request: SignedIn, offering: int, unit: int) -> HttpResponse:
    """Give an order about one procedure in one unit, or see first what it would say and cover."""
    found = get_object_or_404(offerings_on(own_day()), pk=offering)
    place = next((one for one in units_ordered(request.user.person, found, own_day()) if one.pk == unit), None)
    if place is None:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = present.OrderForm(posted, bundle=bundle_of(found.version), today=own_day())
    refusal: CommandRefused | None = None
    if "ver" not in request.POST and form.is_valid():
        try:
            give_order(new=form.order(found, place), by=request.user.person, now=now())
        except CommandRefused as error:
            refusal = error
        else:
            messages.success(request, _("Quedó la orden. Las solicitudes que cubre van primero desde el día que dice."))
            return redirect("workflows:entry_orders")
    context = present.form_context(found, place, form, refusal)
    status = CONFLICT if refusal else UNPROCESSABLE if form.errors else OK
    return render(request, "workflows/orders/give.html", context, status=status)


@require_POST
@signed_in_to_post
def end(request: SignedIn, pk: int) -> HttpResponse:
    """End an order before its last day."""
    order = get_object_or_404(present.orders_seen_by(request.user.person, own_day()), pk=pk)
    try:
        end_order(order=order, reason=request.POST.get("motivo", ""), by=request.user.person, now=now())
    except CommandRefused as refusal:
        return _index(request, refusal, order)
    messages.success(request, _("La orden terminó. Sus solicitudes vuelven al orden de llegada."))
    return redirect("workflows:entry_orders")
