"""Officials' pages: a case with its file, and the steps that are answered with a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from documents.models import Document
from legaltime.api import now
from workflows import interrupted
from workflows.access import may_mend, official_cases
from workflows.commands import desk as commands
from workflows.commands.effects import retry_incident
from workflows.commands.notification import preview_notification, record_notification
from workflows.downloads import pdf_response
from workflows.errors import CommandRefused, OrderOfEntry, RoutingError
from workflows.models import Case, CaseTask, Deadline, Incident
from workflows.presenting import desk_notify, desk_step
from workflows.presenting.citizen import why_context
from workflows.presenting.explaining import explain_context
from workflows.transfer import copy_for_agency
from workflows.views import acts, waiting
from workflows.views.linked import (
    SignedIn,
    case_when_done,
    linked_case,
    linked_task,
    list_address,
    opened,
    own_day,
    record_opening,
    show_case,
    signed_in_to_post,
    signed_in_to_write,
)

NO_ORDER = gettext_lazy(
    "Escribe la orden fundada de la jefatura, que queda en el historial, o toma primero la que sigue (Ley 19.880, "
    "art. 7)."
)


@require_safe
@never_cache
@login_required
def case(request: SignedIn, ref: str) -> HttpResponse:
    """The whole case; opening it is recorded (R40)."""
    return show_case(request, linked_case(request, ref, also_own=True))


@require_POST
@signed_in_to_post
def claim(request: SignedIn, ref: str, task_id: int) -> HttpResponse:
    """Take a step, before older cases only with a reason."""
    found = linked_case(request, ref, also_own=True)
    task = linked_task(found, task_id)
    try:
        commands.claim(task=task, by=request.user, now=now(), reason=request.POST.get("orden", ""))
    except OrderOfEntry as refusal:
        return show_case(request, found, CommandRefused(str(NO_ORDER)) if "orden" in request.POST else refusal)
    except CommandRefused as refusal:
        return show_case(request, found, refusal)
    return redirect("workflows:desk_step", ref, task_id)


@require_POST
@signed_in_to_post
def release(request: SignedIn, ref: str, task_id: int) -> HttpResponse:
    """Put a step back."""
    found = linked_case(request, ref, also_own=True)
    try:
        commands.release(task=linked_task(found, task_id), by=request.user, now=now())
    except CommandRefused as refusal:
        return show_case(request, found, refusal)
    messages.success(request, desk_step.RELEASED)
    return redirect(list_address(request))


@never_cache
@signed_in_to_write
def step(request: SignedIn, ref: str, task_id: int) -> HttpResponse:
    """One step of the case: answer its form, write its act, or sign it."""
    found = linked_case(request, ref)
    task = linked_task(found, task_id)
    return opened(request, found, PAGES[task.step_kind](request, found, task))


def answer(request: SignedIn, found: Case, task: CaseTask) -> HttpResponse:
    """The form of a task beside the answers under review."""
    person, today = request.user.person, own_day(found)
    if request.method != "POST":
        typed = interrupted.take(request) if desk_step.holds(task, person) else None
        before = desk_step.answered(found, task, typed, None) if typed else None
        return _show_form(request, desk_step.task_context(found, task, person, today, before))
    answered = desk_step.answered(found, task, request.POST, request.FILES)
    try:
        commands.complete(task=task, by=request.user, answered=answered, now=now())
    except CommandRefused as refusal:
        return _show_form(request, desk_step.task_context(found, task, person, today, answered, refusal))
    messages.success(request, desk_step.what_came_next(found))
    return redirect(case_when_done(found.ref))


def _show_form(request: SignedIn, context: dict[str, Any]) -> HttpResponse:
    return render(request, "workflows/desk/task.html", context, status=context["status"])


PAGES: dict[str, Callable[[SignedIn, Case, CaseTask], HttpResponse]] = {
    "task": answer,
    "draft": acts.draft,
    "sign": acts.reading,
    "wait": waiting.event,
    "verify": waiting.verification,
}


@never_cache
@login_required
def notify(request: SignedIn, ref: str, step_id: str) -> HttpResponse:
    """Record by hand that the person was legally notified (R32, R34)."""
    found = linked_case(request, ref)
    missing = desk_notify.missing_or_404(found, step_id)
    posted = request.POST if request.method == "POST" else None
    page = desk_notify.NotifyPage.of(found, missing, posted, now())
    if page.letter.is_bound:
        if page.letter.is_valid() and page.write(request.user.person, now()):
            messages.success(request, desk_notify.LETTER_READY)
            return redirect("workflows:desk_notify", ref, step_id)
    elif posted is not None and page.form.is_valid():
        is_final = "registrar" in posted
        page.state(record_notification if is_final else preview_notification, request.user.person, now())
        if is_final and page.effect is not None:
            messages.success(request, desk_notify.in_words(page.effect))
            return redirect("workflows:desk_case", ref)
    return opened(request, found, render(request, "workflows/desk/notify.html", page.context(), status=page.status))


@require_POST
@signed_in_to_post
def retry(request: SignedIn, ref: str, incident_id: int) -> HttpResponse:
    """Try again what stopped the case."""
    incident = get_object_or_404(Incident.objects.select_related("case__agency"), case__ref=ref, pk=incident_id)
    person, today = request.user.person, own_day(incident.case)
    if not may_mend(person, incident.case, today):
        raise Http404
    is_linked = official_cases(person, today).filter(pk=incident.case_id).exists()
    try:
        retry_incident(incident=incident, by=person, now=now())
    except (CommandRefused, RoutingError) as refusal:
        if is_linked:
            return show_case(request, linked_case(request, ref, also_own=True), refusal)
        messages.error(request, str(refusal))
    else:
        messages.success(request, desk_step.RETRIED)
    address = reverse("workflows:desk_case", args=[ref]) if is_linked else reverse("workflows:inbox")
    return redirect(address if is_linked else f"{address}?ver=incidentes")


@require_safe
@never_cache
@login_required
def why(request: SignedIn, ref: str) -> HttpResponse:
    """ "¿Por qué?": the rule behind each way taken, each question not asked and each date."""
    found = linked_case(request, ref)
    return opened(request, found, render(request, "workflows/desk/why.html", explain_context(found, at=now())))


@require_safe
@never_cache
@login_required
def why_this_date(request: SignedIn, ref: str, deadline_id: int) -> HttpResponse:
    """How a legal date of the case was counted."""
    found = linked_case(request, ref)
    clock = get_object_or_404(Deadline, case=found, pk=deadline_id)
    page = {**why_context(found, clock), "back_url": f"{reverse('workflows:desk_case', args=[ref])}?ver=plazos"}
    return opened(request, found, render(request, "workflows/citizen/why_this_date.html", page))


@require_GET
@never_cache
@login_required
def document(request: SignedIn, ref: str, document_id: int) -> HttpResponse:
    """A document of the case's file; who opened it is recorded (R40)."""
    found = linked_case(request, ref)
    wanted = get_object_or_404(Document.objects.select_related("blob"), file=found.file, pk=document_id)
    return pdf_response(wanted, person=request.user.person, through="desk", now=now())


@require_GET
@never_cache
@login_required
def download_all(request: SignedIn, ref: str) -> HttpResponse:
    """The whole file with its traceability, to hand over to another body (R62)."""
    found = linked_case(request, ref)
    record_opening(request, found)
    return copy_for_agency(found, person=request.user.person, now=now())
