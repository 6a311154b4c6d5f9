"""At the counter: receive something that cannot be digitised, for an application of whoever is attended (R51)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from legaltime.api import now
from procedures.api import problems_of
from workflows.access import check_receives, filed_by
from workflows.commands import bringing
from workflows.commands.physical import receivable
from workflows.errors import CommandRefused, ReceivesNothing
from workflows.measures.base import MeasureForm, Situation
from workflows.measures.exchanges import CounterBringForm
from workflows.measures.physical import ReceiveForm, receive
from workflows.models import Attendance, Case
from workflows.presenting.desk_step import CONFLICT, OK, UNPROCESSABLE
from workflows.views.counter import own_attendance
from workflows.views.linked import SignedIn, own_day
from workflows.withholding import known_as


@never_cache
@login_required
def at_counter(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """The person hands it in; its reference takes its place in the file at once."""
    attendance = own_attendance(request, attendance_id)
    case = get_object_or_404(receivable(attendance).select_related("agency", "file", "version"), ref=ref)
    try:
        check_receives(case, request.user.person, own_day(), attendance.agency_id)
    except ReceivesNothing as why:
        messages.error(request, str(why))
        return redirect("workflows:counter_attendance", attendance.pk)
    situation = Situation(case, request.user.person, now())
    form = ReceiveForm(request.POST if request.method == "POST" else None, situation=situation)
    form.initial.setdefault("handed_by", known_as(case, attendance.person))
    refusal = _received(form, attendance) if form.is_bound and form.is_valid() else None
    done = _("Quedó en el expediente. Dile a la persona dónde queda guardado.")
    return _answer(request, attendance, form, refusal, "workflows/counter/receive.html", done)


@never_cache
@login_required
def brought(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """The person brings on paper what they do not let another body send: its scan enters the file (R60)."""
    attendance = own_attendance(request, attendance_id)
    case = get_object_or_404(receivable(attendance).select_related("agency", "file", "version"), ref=ref)
    if why := _not_brought(request, attendance, case):
        messages.error(request, str(why))
        return redirect("workflows:counter_attendance", attendance.pk)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = CounterBringForm(*data, situation=Situation(case, request.user.person, now()))
    refusal = _kept(form, attendance) if form.is_bound and form.is_valid() else None
    done = _("Quedó en el expediente, reservado. Una persona de la institución lo revisa.")
    return _answer(request, attendance, form, refusal, "workflows/counter/bring.html", done)


def _answer(
    request: SignedIn, attendance: Attendance, form: MeasureForm, refusal: CommandRefused | None, page: str, done: str
) -> HttpResponse:
    """Back to the attendance, where it says `done`, once something was received; the page again with what is wrong."""
    if form.is_bound and form.is_valid() and refusal is None:
        messages.success(request, done)
        return redirect("workflows:counter_attendance", attendance.pk)
    status = CONFLICT if refusal else UNPROCESSABLE if form.errors else OK
    errors = problems_of(form, refusal)
    context = {"attendance": attendance, "case": form.situation.case, "form": form, "errors": errors}
    return render(request, page, context, status=status)


def _not_brought(request: SignedIn, attendance: Attendance, case: Case) -> CommandRefused | None:
    """Why nothing is received for it: an old page, or an official who keeps out. Http404 for whoever did not apply."""
    if not filed_by(case, attendance.person):
        raise Http404
    if not bringing.to_bring(case):
        return bringing.AlreadyBrought()
    try:
        check_receives(case, request.user.person, own_day(), attendance.agency_id)
    except ReceivesNothing as why:
        return why
    return None


def _kept(form: CounterBringForm, attendance: Attendance) -> CommandRefused | None:
    """What refused it; None when it was kept."""
    situation = form.situation
    given = form.cleaned_data
    try:
        bringing.bring_at_counter(
            attendance=attendance,
            case=situation.case,
            uploads=given["files"],
            by=situation.person,
            now=situation.now,
            asked=given["asked"],
        )
    except CommandRefused as refusal:
        return refusal
    return None


def _received(form: ReceiveForm, attendance: Attendance) -> CommandRefused | None:
    """What refused it; None when it was received."""
    try:
        receive(form.situation, form.cleaned_data, attendance)
    except CommandRefused as refusal:
        return refusal
    return None
