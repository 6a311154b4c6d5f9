"""Officials' pages of an act: writing it, reading it before signing, and the way back from the fresh sign-in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.api import consume_intent, create_intent
from accounts.models import SigningIntent
from documents.api import DocumentError
from documents.api import render as render_pdf
from documents.models import Document
from jobs.api import Blocked
from legaltime.api import now
from workflows import interrupted
from workflows.commands import acts as commands
from workflows.downloads import policy
from workflows.errors import CommandRefused
from workflows.models import Case, CaseTask
from workflows.presenting import desk_act, desk_step
from workflows.views.linked import (
    CONFLICT,
    SignedIn,
    case_when_done,
    linked_case,
    linked_task,
    opened,
    record_opening,
    signed_in_to_post,
)

PURPOSE = "workflows.sign_act"
UNAVAILABLE = 503


def draft(request: SignedIn, found: Case, task: CaseTask) -> HttpResponse:
    """The act of this case, block by block, before it goes to signature."""
    if request.method != "POST":
        typed = interrupted.take(request) if desk_step.holds(task, request.user.person) else None
        before = [desk_act.written(found, task, typed, None)] if typed else []
        return _show_draft(request, found, task, *before)
    written = desk_act.written(found, task, request.POST, request.FILES)
    try:
        if "enviar" in request.POST:
            commands.finish_act(task=task, by=request.user, texts=written.texts, answered=written.answered, now=now())
            messages.success(request, desk_step.what_came_next(found))
            return redirect(case_when_done(found.ref))
        commands.save_act(task=task, by=request.user, texts=written.texts, now=now())
    except CommandRefused as refusal:
        return _show_draft(request, found, task, written, refusal)
    if "ver_pdf" in request.POST:
        return redirect("workflows:desk_preview", found.ref, task.pk)
    messages.success(request, desk_act.SAVED)
    if desk_act.has_form(found, task):
        return _show_draft(request, found, task, written)  # what was answered below the text is still being written
    return redirect("workflows:desk_step", found.ref, task.pk)


def _show_draft(request: SignedIn, found: Case, task: CaseTask, *posted: Any) -> HttpResponse:
    context = desk_act.draft_context(found, task, request.user.person, now(), *posted)
    return render(request, "workflows/desk/draft.html", context, status=context["status"])


def reading(request: SignedIn, found: Case, task: CaseTask) -> HttpResponse:
    """The whole act as it will be signed, and what became of the signature."""
    return show_reading(request, found, task)


def show_reading(request: SignedIn, found: Case, task: CaseTask, refusal: Exception | None = None) -> HttpResponse:
    """The page on which an official reads and signs, with what was refused on top if something was."""
    context = desk_act.sign_context(found, task, request.user.person, now(), request.POST, refusal)
    return render(request, "workflows/desk/sign.html", context, status=CONFLICT if refusal else 200)


@require_POST
@signed_in_to_post
def sign(request: SignedIn, ref: str, task_id: int) -> HttpResponse:
    """Begin to sign exactly what was shown: a fresh sign-in comes first."""
    found = linked_case(request, ref)
    task = linked_task(found, task_id)
    shown = request.POST.get("shown", "")
    moment = now()
    refusal = desk_act.why_not_sign(found, task, request.user, moment, shown)
    if refusal is not None:
        return opened(request, found, show_reading(request, found, task, refusal))
    facts = {"button": str(desk_act.SIGN), "asked_at": moment.isoformat()}
    intent = create_intent(
        user=request.user, purpose=PURPOSE, subject=f"task:{task.pk}", shown_sha256=shown, facts=facts, now=moment
    )
    back = urlencode({"next": reverse("workflows:desk_step", args=[ref, task.pk])})
    return redirect(f"{reverse('accounts:confirm', args=[intent.nonce])}?{back}")


@require_GET
@never_cache
@login_required
def signing_state(request: SignedIn, ref: str, task_id: int) -> HttpResponse:
    """What became of a signature under way: a fragment that shows nothing of the file, so it is no reading of it."""
    task = linked_task(linked_case(request, ref), task_id)
    return render(request, "workflows/desk/signing_state.html", desk_act.signing_context(task))


def sign_confirmed(request: HttpRequest, intent: SigningIntent) -> HttpResponse:
    """Continuation after the fresh sign-in: spend the intent and queue the signature, in one transaction."""
    task_id = int(intent.subject.removeprefix("task:"))
    task = get_object_or_404(CaseTask.objects.defer("flow_task").select_related("process"), pk=task_id)
    try:
        with transaction.atomic():
            commands.sign(task=task, by=intent.user, intent=consume_intent(intent=intent, now=now()), now=now())
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("workflows:desk_step", task.process.ref, task_id)


@require_POST
@signed_in_to_post
def send_back(request: SignedIn, ref: str, task_id: int) -> HttpResponse:
    """Return an act to whoever wrote it, with the reason."""
    found = linked_case(request, ref)
    task = linked_task(found, task_id)
    try:
        commands.send_back(task=task, by=request.user, reason=request.POST.get("motivo", ""), now=now())
    except CommandRefused as refusal:
        return opened(request, found, show_reading(request, found, task, refusal))
    messages.success(request, desk_act.SENT_BACK)
    return redirect("workflows:desk_case", ref)


@require_GET
@never_cache
@login_required
def preview(request: SignedIn, ref: str, task_id: int) -> HttpResponse:
    """The act as a PDF without signature nor verification code, made by the limited child process."""
    found = linked_case(request, ref)
    task = linked_task(found, task_id)
    act = get_object_or_404(Document, pk=task.data.get("document"))
    try:
        pdf = render_pdf(desk_act.preview_content(act))
    except (DocumentError, Blocked) as problem:
        context = {"problem": problem, "back_url": reverse("workflows:desk_step", args=[ref, task.pk])}
        return render(request, "workflows/desk/preview_failed.html", context, status=UNAVAILABLE)
    record_opening(request, found)
    response = HttpResponse(pdf.data, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="vista-previa.pdf"'
    response["Content-Security-Policy"] = policy("application/pdf")
    response["Cache-Control"] = "no-store, private"
    return response
