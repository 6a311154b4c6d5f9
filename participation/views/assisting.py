"""Supports at the counter and by phone: find the request, write the support down, take it back, print the slip."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents.api import DocumentError
from documents.api import render as render_pdf
from legaltime.api import local_date, now
from participation.errors import NotAllowed, ParticipationError
from participation.forms import AssistForm
from participation.models import Assisted, Subject
from participation.operations import assisting
from participation.presenting import assisting as present
from participation.queries.finding import subject_at
from participation.queries.powers import ZONE
from participation.queries.subjects import kinds_offered
from participation.views.linked import SignedIn, to_sign_in
from workflows.api import attendances_of, counter_post, file_response
from workflows.models import Attendance


def _attendance(request: SignedIn, attendance_id: int) -> Attendance:
    """An attendance of the signed-in official, who still attends a counter; else 403 or 404."""
    if counter_post(request.user.person, local_date(now(), ZONE)) is None:
        raise PermissionDenied
    found: Attendance = get_object_or_404(attendances_of(request.user.person), pk=attendance_id)
    return found


@require_safe
@never_cache
@login_required
def search(request: SignedIn, *, attendance_id: int) -> HttpResponse:
    """Find what the person asks for."""
    found = _attendance(request, attendance_id)
    context = present.search_context(found, request.GET.get("q", "").strip()[:200])
    return render(request, "participation/assist_search.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def assist(request: SignedIn, *, attendance_id: int, code: str) -> HttpResponse:
    """What to say and to ask; POST writes the support down."""
    found, subject = _attendance(request, attendance_id), subject_at(code)
    form = AssistForm(request.POST if request.method == "POST" else None, kinds_offered(subject))
    if not form.is_bound or not form.is_valid():
        return _page(request, found, subject, form)
    try:
        kind = form.cleaned_data["pido"]
        assisting.give(attendance=found, subject=subject, kind=kind, by=request.user.person, now=now())
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except ParticipationError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, found, subject, form)
    messages.success(request, _("El apoyo quedó registrado. Entrega la constancia a la persona."))
    return redirect("participation:assist", attendance_id, code)


def _page(request: SignedIn, attendance: Attendance, subject: Subject, form: AssistForm) -> HttpResponse:
    context = {**present.assist_context(attendance, subject), "form": form}
    return render(request, "participation/assist.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw(request: SignedIn, *, attendance_id: int, code: str) -> HttpResponse:
    """Take back a support of the person attended."""
    if not request.user.is_authenticated:
        return to_sign_in(reverse("participation:assist", args=[attendance_id, code]))
    found, subject = _attendance(request, attendance_id), subject_at(code)
    try:
        assisting.withdraw(attendance=found, subject=subject, by=request.user.person, now=now())
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except ParticipationError as refusal:
        messages.error(request, str(refusal))
        return redirect("participation:assist", attendance_id, code)
    messages.success(request, _("El apoyo quedó retirado. Avisamos a la persona en «Mis avisos»."))
    return redirect("workflows:counter_attendance", attendance_id)


@require_safe
@never_cache
@login_required
def slip(request: SignedIn, *, attendance_id: int, code: str) -> HttpResponse:
    """The paper for the person, of a support written down in this attendance."""
    found = _attendance(request, attendance_id)
    rows = Assisted.objects.filter(attendance=found, support__subject__code=code, what=Assisted.What.GIVEN)
    row = get_object_or_404(rows.select_related("support__subject", "attendance__agency").order_by("-pk")[:1])
    try:
        pdf = render_pdf(present.slip_content(row, now()))
    except DocumentError:
        messages.error(request, _("La constancia no se pudo preparar ahora. Vuelve a intentarlo en un momento."))
        return redirect("workflows:counter_attendance", attendance_id)
    return file_response(pdf.data, "application/pdf", name="constancia-de-apoyo.pdf")
