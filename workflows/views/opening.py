"""Officials' pages to open cases of the institution's own motion: one with its form, or many from a sheet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from accounts.api import roles_of
from legaltime.api import now
from procedures.api import bundle_of, offering_for
from procedures.models import Offering
from workflows.bulk.columns import template
from workflows.bulk.forms import SheetForm, WhyOpenForm
from workflows.bulk.sheets import write_csv, write_xlsx
from workflows.commands.bulk import discard_sheet, open_rows, receive_sheet
from workflows.commands.desk import Answered
from workflows.commands.opening import Opening, application_form, may_open, open_case
from workflows.errors import CommandRefused
from workflows.models import BulkStart
from workflows.presenting import opening as present
from workflows.views.linked import CONFLICT, SignedIn, own_day

WRONG = 422
KINDS = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@require_safe
@never_cache
@login_required
def index(request: SignedIn) -> HttpResponse:
    """What the official may open, and the sheets sent so far."""
    if not roles_of(request.user.person, own_day()):
        raise PermissionDenied
    context = present.index_context(request.user.person, own_day())
    return render(request, "workflows/opening/index.html", context)


@never_cache
@login_required
def one(request: SignedIn, agency: str, code: str) -> HttpResponse:
    """Open one case: why, and what is known."""
    offering = _offering(request, agency, code)
    posted = request.method == "POST"
    why = WhyOpenForm(request.POST if posted else None)
    answered = Answered(data=request.POST, files=request.FILES) if posted else None
    form = application_form(offering, now(), answered)
    if posted and why.is_valid() and form.is_valid():
        opening = Opening(
            offering, {}, why.origin(), request.user.person, why.cleaned_data["motivo"], answered=answered
        )
        case = open_case(opening=opening, now=now())
        messages.success(request, _("Abriste la solicitud N° %(number)s.") % {"number": case.number})
        return redirect("workflows:desk_case", case.ref)
    context = present.one_context(offering, why, form)
    return render(request, "workflows/opening/one.html", context, status=WRONG if context["errors"] else 200)


@never_cache
@login_required
def sheet(request: SignedIn, agency: str, code: str) -> HttpResponse:
    """Send a sheet: its rows are looked at, and nothing is opened yet."""
    offering = _offering(request, agency, code)
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    refusal: Exception | None = None
    if form.is_bound and form.is_valid():
        try:
            return redirect("workflows:sheet", _received(request, offering, form).pk)
        except CommandRefused as error:
            refusal = error
    context = present.sheet_context(offering, form, refusal)
    return render(request, "workflows/opening/send.html", context, status=WRONG if context["errors"] else 200)


def _received(request: SignedIn, offering: Offering, form: SheetForm) -> BulkStart:
    sent = form.cleaned_data["archivo"]
    return receive_sheet(
        offering=offering,
        name=sent.name,
        content=sent.read(),
        origin=form.origin(),
        reason=form.cleaned_data["motivo"],
        by=request.user.person,
        now=now(),
    )


@require_GET
@login_required
def sheet_template(request: SignedIn, agency: str, code: str, kind: str) -> HttpResponse:
    """The sheet to fill in, with a row that shows what each column takes."""
    offering = _offering(request, agency, code)
    if kind not in KINDS:
        raise Http404
    write, media_type = KINDS[kind]
    answer = HttpResponse(write(*template(bundle_of(offering.version))), content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{code}.{kind}"'
    return answer


@never_cache
@login_required
def rows(request: SignedIn, pk: int) -> HttpResponse:
    """What each row would open, and the button that opens them; afterwards, what each opened."""
    bulk = get_object_or_404(BulkStart.objects.select_related("offering__version", "agency", "by"), pk=pk)
    if not may_open(request.user.person, bulk.offering, own_day()):
        raise Http404
    refusal: Exception | None = None
    if request.method == "POST":
        try:
            return _answer(request, bulk)
        except CommandRefused as error:
            refusal = error
    context: dict[str, Any] = {**present.rows_context(bulk, request.GET.get("p", "1")), "refusal": refusal}
    return render(request, "workflows/opening/rows.html", context, status=CONFLICT if refusal else 200)


def _answer(request: SignedIn, bulk: BulkStart) -> HttpResponse:
    if "descartar" in request.POST:
        discard_sheet(bulk=bulk, by=request.user.person, now=now())
        messages.success(request, _("Borramos la planilla. No se abrió ninguna solicitud."))
        return redirect("workflows:own_motion")
    asked = open_rows(bulk=bulk, by=request.user.person, now=now())
    text = ngettext("Se está abriendo %(n)s solicitud.", "Se están abriendo %(n)s solicitudes, una por una.", asked)
    messages.success(request, text % {"n": asked})
    return redirect("workflows:sheet", bulk.pk)


def _offering(request: SignedIn, agency: str, code: str) -> Offering:
    """What the official may open, or 404."""
    offering = offering_for(agency, code, own_day())
    if offering is None or not may_open(request.user.person, offering, own_day()):
        raise Http404
    return offering
