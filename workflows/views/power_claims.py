"""Powers that stand in a document: sent by who holds them, and checked by officials; and what an organisation does."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.api import agencies_where, organisations_governed
from accounts.models import AgencyCapability
from legaltime.api import now
from procedures.api import problems_of
from workflows.commands import power_claims as commands
from workflows.commands import powers
from workflows.downloads import blob_response
from workflows.errors import CommandRefused, NotAllowed
from workflows.forms import PowerClaimForm, RefusalForm
from workflows.models import Case, PowerClaim
from workflows.presenting import power_claims as present
from workflows.presenting.desk_step import OK, UNPROCESSABLE
from workflows.presenting.powers import organisation_context, scopes
from workflows.views.linked import SignedIn, own_day, signed_in_to_post

ORGANISATION = "empresa"


@never_cache
@login_required
def ask(request: SignedIn, whose: str) -> HttpResponse:
    """Send a document by which the person may act for an organisation or for another person."""
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    of_organisation = whose == ORGANISATION
    form = PowerClaimForm(*data, of_organisation=of_organisation, scopes=scopes())
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            document = form.cleaned_data["document"]
            commands.ask(claim=form.claim(), document=document, by=request.user.person, on=own_day(), now=now())
            messages.success(request, _("Recibimos el documento. Te avisamos cuando lo hayan comprobado."))
            return redirect("workflows:powers")
        except CommandRefused as error:
            refusal = str(error)
    context = {"form": form, "of_organisation": of_organisation, "errors": problems_of(form, refusal, at="main")}
    return render(request, "workflows/powers/ask.html", context, status=UNPROCESSABLE if context["errors"] else OK)


@require_safe
@never_cache
@login_required
def queue(request: SignedIn) -> HttpResponse:
    """The documents that wait for the official."""
    if not agencies_where(request.user.person, AgencyCapability.POWERS, own_day()).exists():
        raise PermissionDenied
    return render(request, "workflows/powers/queue.html", present.queue_context(request.user.person, own_day()))


@never_cache
@login_required
def check(request: SignedIn, claim_id: int) -> HttpResponse:
    """One document with what was claimed, and the decision on it."""
    claim = _claim(request, claim_id)
    accepts = request.POST.get("decision") == "aceptar"
    form = RefusalForm(None if accepts or request.method != "POST" else request.POST, auto_id="id-%s")
    refusal = ""
    if request.method == "POST" and (accepts or form.is_valid()):
        try:
            _decide(request, claim, form, accepts=accepts)
            return redirect("workflows:power_queue")
        except CommandRefused as error:
            refusal = str(error)
    context = {**present.claim_context(claim), "form": form, "errors": problems_of(form, refusal, at="main")}
    return render(request, "workflows/powers/check.html", context, status=UNPROCESSABLE if context["errors"] else OK)


def _decide(request: SignedIn, claim: PowerClaim, form: RefusalForm, *, accepts: bool) -> None:
    by, today = request.user.person, own_day()
    if accepts:
        commands.accept(claim_id=claim.pk, governs="gobierna" in request.POST, by=by, on=today, now=now())
        messages.success(request, _("El poder quedó registrado y avisamos a la persona."))
    else:
        commands.refuse(claim_id=claim.pk, reason=form.cleaned_data["reason"], by=by, on=today, now=now())
        messages.success(request, _("Avisamos a la persona por qué no basta."))


def _claim(request: SignedIn, claim_id: int) -> PowerClaim:
    """One that the official may decide on, or 404."""
    found: PowerClaim = get_object_or_404(present.claims_for(request.user.person, own_day()), pk=claim_id)
    return found


@require_safe
@never_cache
@login_required
def document(request: SignedIn, claim_id: int) -> HttpResponse:
    """The document itself; who opened it is noted."""
    claim = _claim(request, claim_id)
    commands.open_document(claim=claim, by=request.user.person, now=now())
    return blob_response(claim.blob, name=_("Poder"))


@require_safe
@never_cache
@login_required
def organisation(request: SignedIn, rut: str) -> HttpResponse:
    """Who may act for an organisation and what it applied for, for whoever governs its powers."""
    found = get_object_or_404(organisations_governed(request.user.person, own_day()), rut=rut)
    context = {**organisation_context(found, own_day()), "person": request.user.person}
    return render(request, "workflows/powers/organisation.html", context)


@require_POST
@signed_in_to_post
def take_over(request: SignedIn, rut: str, ref: str) -> HttpResponse:
    """Go on with an application of the organisation that somebody else filed."""
    case = get_object_or_404(Case, ref=ref, parties__organisation__rut=rut)
    try:
        powers.take_over(case=case, by=request.user.person, on=own_day(), now=now())
    except NotAllowed as refusal:
        raise Http404 from refusal
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:organisation", rut)
    messages.success(request, _("Desde ahora llevas tú esta solicitud."))
    return redirect("workflows:case", ref)
