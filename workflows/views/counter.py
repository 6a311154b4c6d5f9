"""The counter: an official of an adhering office files for a person who is there (DS4 art. 30)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from documents.models import Document
from legaltime.api import now
from procedures.api import offered_to_people, problems_of
from signatures.api import TooManyAttempts
from workflows import drafts
from workflows.access import attendances_of, filed_at_counter
from workflows.commands import counter as commands
from workflows.downloads import pdf_response
from workflows.errors import AlreadyFiled, CommandRefused, NotAllowed
from workflows.forms import AttendForm, PaperForm
from workflows.models import Attendance, Draft
from workflows.panels import attendance_panels
from workflows.phone import operations as phone
from workflows.phone.forms import CallForm
from workflows.presenting import counter as present
from workflows.presenting.desk_step import OK, UNPROCESSABLE
from workflows.presenting.exemptions import counter_context
from workflows.views.linked import SignedIn, own_day, signed_in_to_post


@never_cache
@login_required
def home(request: SignedIn) -> HttpResponse:
    """Whom the official attends now, and whom they attended today."""
    _at_counter(request)
    form = AttendForm(request.POST if request.method == "POST" else None, auto_id="id-%s")
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            begun = commands.attend(**form.cleaned_data, by=request.user.person, on=own_day(), now=now())
            return redirect("workflows:counter_attendance", begun.pk)
        except CommandRefused as error:
            refusal = str(error)
    errors = problems_of(form, refusal, at="id-given_names")
    context = {**present.home_context(request.user.person), "form": form, "errors": errors}
    return render(request, "workflows/counter/home.html", context, status=UNPROCESSABLE if errors else OK)


@never_cache
@login_required
def call(request: SignedIn) -> HttpResponse:
    """Who calls, and the questions that prove it: what they answered is compared and not kept."""
    _at_counter(request)
    form = CallForm(request.POST if request.method == "POST" else None, auto_id="id-%s")
    refusal = ""
    if form.is_bound and form.is_valid():
        named = {name: form.cleaned_data[name] for name in ("run", "given_names", "family_names")}
        try:
            begun = phone.answer_call(**named, told=form.told(), by=request.user.person, on=own_day(), now=now())
            return redirect("workflows:counter_attendance", begun.pk)
        except (CommandRefused, TooManyAttempts) as error:
            refusal = str(error)
    errors = problems_of(form, refusal, at="id-given_names")
    context = {**present.call_context(form), "errors": errors}
    return render(request, "workflows/counter/call.html", context, status=UNPROCESSABLE if errors else OK)


def _at_counter(request: SignedIn) -> None:
    if commands.counter_post(request.user.person, own_day()) is None:
        raise PermissionDenied


def own_attendance(request: SignedIn, attendance_id: int) -> Attendance:
    """An attendance of the signed-in official, or 404."""
    _at_counter(request)
    found: Attendance = get_object_or_404(attendances_of(request.user.person), pk=attendance_id)
    return found


@require_safe
@never_cache
@login_required
def attendance(request: SignedIn, attendance_id: int) -> HttpResponse:
    """What is being done for the person: procedures to begin, drafts, and what was filed with what to say of it."""
    found = own_attendance(request, attendance_id)
    context = present.attendance_context(found, request.GET.get("q", "").strip()[:200])
    if found.ended_at is None and found.is_identified:
        context |= counter_context(found.person, found.agency, own_day())
    context["panels"] = attendance_panels(request, found)
    return render(request, "workflows/counter/attendance.html", context)


@require_POST
@signed_in_to_post
def begin(request: SignedIn, attendance_id: int, agency: str, code: str) -> HttpResponse:
    """Open a draft for the person, of a procedure of any agency."""
    found = own_attendance(request, attendance_id)
    office = found.membership.role.unit_id
    offering = offered_to_people(agency, code, own_day(), person_id=found.person_id, unit_id=office)
    if offering is None:
        raise Http404
    try:
        draft = commands.begin(attendance=found, offering=offering, now=now())
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:counter_attendance", found.pk)
    return redirect("workflows:page", draft.ref, 1)


@require_POST
@signed_in_to_post
def take_up(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """Go on with a draft that the person began."""
    found = own_attendance(request, attendance_id)
    draft = get_object_or_404(Draft, ref=ref, person=found.person)
    try:
        commands.take_up(draft=draft, attendance=found, by=request.user.person, now=now())
    except NotAllowed as refusal:
        raise Http404 from refusal
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:counter_attendance", found.pk)
    return redirect("workflows:page", ref, 1)


@never_cache
@login_required
def paper(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """What the person reads and signs by hand, and the scan that files it; or the way to sign with ClaveÚnica."""
    draft = _draft(request, attendance_id, ref)
    if draft.filed_at is not None:
        return redirect("workflows:counter_attendance", attendance_id)
    try:
        given = drafts.complete_answers(draft)
    except drafts.Incomplete as missing:
        return redirect("workflows:page", ref, missing.page)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PaperForm(*data, label=_("Solicitud firmada, digitalizada"))
    if form.is_bound and form.is_valid():
        return _file(request, draft, form.cleaned_data["paper"])
    context = {**present.paper_context(draft, given), "form": form, "errors": problems_of(form)}
    return render(request, "workflows/counter/paper.html", context, status=UNPROCESSABLE if form.is_bound else OK)


def _file(request: SignedIn, draft: Draft, scan: Any) -> HttpResponse:
    try:
        commands.file_signed_on_paper(draft=draft, paper=scan, by=request.user.person, now=now())
    except AlreadyFiled:
        messages.info(request, _("Esta solicitud ya estaba presentada."))
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:review", draft.ref)
    return redirect("workflows:counter_attendance", draft.attendance_id)


def _draft(request: SignedIn, attendance_id: int, ref: str) -> Draft:
    found = Draft.objects.select_related("version", "agency", "offering", "attendance__person", "mandate")
    draft: Draft = get_object_or_404(
        found, ref=ref, attendance=own_attendance(request, attendance_id), person=request.user.person
    )
    return draft


@require_POST
@signed_in_to_post
def hand_over(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """Give the draft to the person, who signs it with their own ClaveÚnica."""
    try:
        commands.hand_over(draft=_draft(request, attendance_id, ref), by=request.user.person, now=now())
        messages.success(request, _("La persona ya la tiene en «Mis trámites», lista para firmar con su ClaveÚnica."))
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("workflows:counter_attendance", attendance_id)


@require_safe
@never_cache
@login_required
def receipt(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """The receipt to print; no other document of the case opens here."""
    found = own_attendance(request, attendance_id)
    case = get_object_or_404(filed_at_counter(found), ref=ref)
    wanted = get_object_or_404(Document, file_id=case.file_id, kind=Document.Kind.RECEIPT)
    return pdf_response(wanted, person=request.user.person, through="counter", now=now())


@require_POST
@signed_in_to_post
def end(request: SignedIn, attendance_id: int) -> HttpResponse:
    """End the attendance: the next person sees nothing of this one."""
    commands.end(attendance=own_attendance(request, attendance_id), now=now())
    messages.success(request, _("Atención terminada."))
    return redirect("workflows:counter")
