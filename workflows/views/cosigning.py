"""Applications that several people sign: who is missing, the signature of each, and the way not to sign."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.api import consume_intent
from accounts.models import SigningIntent
from legaltime.api import now
from procedures.api import Problem
from workflows import drafts
from workflows.commands import cosigning as commands
from workflows.errors import AlreadyFiled, CommandRefused
from workflows.models import Draft
from workflows.presenting import cosigning as present
from workflows.presenting.desk_step import OK, UNPROCESSABLE
from workflows.presenting.filling import signing_problem
from workflows.views.filling import to_fresh_sign_in
from workflows.views.linked import SignedIn, signed_in_to_post

PURPOSE = "workflows.cosign"
RELATED = ("version", "agency", "person", "attendance__person", "mandate__grantor_person")
LONGEST_REASON = 500


@require_safe
@never_cache
@login_required
def waiting(request: SignedIn, ref: str) -> HttpResponse:
    """Who signed and who is missing, for whoever filled it in."""
    draft: Draft = get_object_or_404(Draft.objects.select_related(*RELATED), ref=ref, person=request.user.person)
    if draft.filed_at is not None:
        return redirect("workflows:case", ref)
    if draft.signing_since is None:
        return redirect("workflows:review", ref)
    return render(request, "workflows/filling/cosigners.html", present.waiting_context(draft))


@require_POST
@signed_in_to_post
def take_back(request: SignedIn, ref: str) -> HttpResponse:
    """Take the application back from signing, to change it."""
    draft = get_object_or_404(Draft, ref=ref, person=request.user.person)
    try:
        commands.take_back(draft=draft, by=request.user.person, now=now())
    except AlreadyFiled:
        return redirect("workflows:case", ref)
    messages.success(request, _("Puedes cambiar tu solicitud. Las firmas que había ya no cuentan."))
    return redirect("workflows:review", ref)


@never_cache
@login_required
def cosign(request: SignedIn, ref: str) -> HttpResponse:
    """What one of the others is asked to sign, and the way to the fresh sign-in that signs it."""
    draft = _asked_of(request, ref)
    if draft.filed_at is not None:
        return redirect("workflows:case", ref)
    given = drafts.complete_answers(draft)
    shown = drafts.shown_hash(draft, given)
    problem = signing_problem(request.POST, shown) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return to_fresh_sign_in(request, draft, shown, PURPOSE)
    context = present.cosign_context(draft, given, shown, Problem("id_declaro", problem) if problem else None)
    return render(request, "workflows/filling/cosign.html", context, status=UNPROCESSABLE if problem else OK)


def _asked_of(request: SignedIn, ref: str) -> Draft:
    """A draft that waits for this person's signature, or that they signed; else 404."""
    asked = Draft.objects.filter(co_signatures__person=request.user.person).exclude(person=request.user.person)
    draft: Draft = get_object_or_404(asked.select_related(*RELATED), ref=ref)
    return draft


def cosigned(request: HttpRequest, intent: SigningIntent) -> HttpResponse:
    """Continuation after the fresh sign-in: put the signature; the last one files the application."""
    draft: Any = Draft.objects.filter(ref=intent.subject).first()
    try:
        with transaction.atomic():
            consumed = consume_intent(intent=intent, now=now())
            case = commands.sign(draft=draft, by=intent.user.person, intent=consumed, now=now())
    except AlreadyFiled:
        return redirect("workflows:case", intent.subject)
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:my_cases")
    if case is not None:
        return redirect("workflows:case", case.ref)
    messages.success(request, _("Firmaste. Te avisamos cuando firmen las demás personas y la solicitud se presente."))
    return redirect("workflows:my_cases")


@require_POST
@signed_in_to_post
def decline(request: SignedIn, ref: str) -> HttpResponse:
    """Do not sign: the application returns to whoever filled it in, with the reason."""
    draft = _asked_of(request, ref)
    reason = request.POST.get("motivo", "").strip()[:LONGEST_REASON]
    if not reason:
        messages.error(request, _("Escribe por qué no firmas, para que puedan corregirlo."))
        return redirect("workflows:cosign", ref)
    try:
        commands.decline(draft=draft, reason=reason, by=request.user.person, now=now())
        messages.success(request, _("No firmaste. Avisamos a quien llenó la solicitud, con tu motivo."))
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("workflows:my_cases")
