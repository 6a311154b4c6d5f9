"""Officials' pages of steps that wait or repeat: record what happened outside, add a row."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from legaltime.api import now
from workflows import queries
from workflows.commands.desk import Answered
from workflows.commands.outside import verify
from workflows.commands.rows import add_row as add
from workflows.commands.separation import abstain
from workflows.commands.waiting import record_event
from workflows.errors import CommandRefused
from workflows.forms import HappenedForm, VerifiedForm
from workflows.models import Case, CaseTask, Incident
from workflows.presenting import desk_step, desk_waiting
from workflows.views.linked import SignedIn, linked_case, opened, own_day, show_case, signed_in_to_post


def event(request: SignedIn, found: Case, task: CaseTask) -> HttpResponse:
    """Record that what the case waits for has happened."""
    posted = request.POST if request.method == "POST" else None
    happened = HappenedForm(posted, today=own_day(found))
    refusal: Exception | None = None
    answered = Answered(data=request.POST, files=request.FILES) if posted is not None else None
    if answered is not None and happened.is_valid():
        try:
            record_event(task=task, by=request.user, happened=happened.happened(), answered=answered, now=now())
        except CommandRefused as error:
            refusal = error
        else:
            messages.success(request, desk_step.what_came_next(found))
            return redirect("workflows:desk_case", found.ref)
    page = desk_waiting.EventPage(found, task, happened, answered, refusal)
    context = page.context(request.user.person, own_day(found))
    return render(request, "workflows/desk/wait.html", context, status=context["status"])


def verification(request: SignedIn, found: Case, task: CaseTask) -> HttpResponse:
    """Say whether what the person declared was true."""
    posted = request.POST if request.method == "POST" else None
    form = VerifiedForm(posted, **desk_waiting.verifiable(found, task))
    refusal: Exception | None = None
    if posted is not None and form.is_valid():
        try:
            verify(task=task, by=request.user, now=now(), **form.stated())
        except CommandRefused as error:
            refusal = error
        else:
            messages.success(request, desk_step.what_came_next(found))
            return redirect("workflows:desk_case", found.ref)
    context = desk_waiting.verify_context(found, task, form, request.user.person, own_day(found), refusal)
    return render(request, "workflows/desk/verify.html", context, status=context["status"])


@never_cache
@login_required
def add_row(request: SignedIn, ref: str, step_id: str) -> HttpResponse:
    """Add a row to a block that repeats while it runs."""
    found = linked_case(request, ref)
    if step_id not in {block.id for block in queries.addable(found, request.user.person, own_day(found))}:
        raise Http404
    answered = Answered(data=request.POST, files=request.FILES) if request.method == "POST" else None
    refusal: Exception | None = None
    if answered is not None:
        try:
            seen = _whole(request.POST.get("filas", ""))
            task = add(case=found, step_id=step_id, by=request.user, answered=answered, now=now(), seen=seen)
        except CommandRefused as error:
            refusal = error
        else:
            messages.success(request, _("Agregado. Se abrió «%(step)s».") % {"step": task.step_title})
            return redirect("workflows:desk_case", ref)
    context = desk_waiting.row_context(found, step_id, answered, refusal)
    return opened(request, found, render(request, "workflows/desk/add_row.html", context, status=context["status"]))


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 6 else None


@require_POST
@signed_in_to_post
def abstain_from(request: SignedIn, ref: str) -> HttpResponse:
    """Declare a conflict of interest."""
    found = linked_case(request, ref, also_own=True)
    try:
        abstain(case=found, by=request.user, reason=request.POST.get("motivo", ""), now=now())
    except CommandRefused as refusal:
        return show_case(request, found, refusal)
    if found.incidents.filter(kind=Incident.Kind.NO_RESPONSIBLE, closed_at=None).exists():
        messages.warning(request, _("Quedó registrado. Hoy nadie más puede hacer lo que esta solicitud espera."))
    else:
        messages.success(request, _("Quedó registrado. Tus pasos en esta solicitud los verá otra persona de tu grupo."))
    return redirect("workflows:desk_case", ref)
