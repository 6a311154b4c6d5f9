"""Pages of an institution: its commitment to answer, and its own figures."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Agency
from legaltime.api import local_date, now
from participation.forms import CommitmentForm, VolumeForm
from participation.models import Commitment
from participation.operations import committing
from participation.operations.subjects import stored
from participation.queries.finding import subject_at
from participation.queries.powers import may_plan
from participation.queries.promises import answering_procedures, committing_agencies, open_commitment
from participation.views.linked import SignedIn, saying_why


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def commitment(request: SignedIn) -> HttpResponse:
    """What the visitor's institution promised, and adhering."""
    agency = _agency(request)
    offerings = answering_procedures(agency, local_date(now(), agency.time_zone))
    posted = request.POST if request.method == "POST" else None
    today = local_date(now(), agency.time_zone)
    form = CommitmentForm(posted, offerings, {"adhered_on": today})
    if posted is not None and form.is_valid():
        committing.adhere(agency=agency, **form.cleaned_data, by=request.user.person, now=now())
        messages.success(
            request, _("Compromiso publicado: cada ficha dice que la institución responde, y por qué acto.")
        )
        return redirect("participation:commitment")
    context = {"agency": agency, "form": form, "promise": open_commitment(agency), "offerings": offerings}
    return render(request, "participation/commitment.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
@saying_why
def end_commitment(request: SignedIn, *, commitment_id: int) -> HttpResponse:
    """Promise nothing more."""
    agencies = committing_agencies(request.user.person, now())
    found = get_object_or_404(Commitment.objects.select_related("agency"), pk=commitment_id, agency__in=agencies)
    committing.end_commitment(commitment=found, by=request.user.person, now=now())
    messages.success(request, _("El compromiso terminó. Lo que ya se pidió se responde igual."))
    return redirect("participation:commitment")


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def volume(request: SignedIn, *, code: str) -> HttpResponse:
    """The institution's own figure of how often it is asked for."""
    subject = subject_at(code)
    if not may_plan(request.user.person, subject, now()):
        raise Http404
    initial = {"users_a_year": subject.users_a_year, "source": subject.users_source}
    form = VolumeForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        kept = stored(subject=subject, now=now())
        committing.state_volume(subject=kept, **form.cleaned_data, by=request.user.person, now=now())
        return redirect(reverse("participation:subject", args=[code]) + "#costo")
    context = {"subject": subject, "form": form}
    return render(request, "participation/volume.html", context, status=422 if form.errors else 200)


def _agency(request: SignedIn) -> Agency:
    """The institution for which the visitor may adhere: the first by name. 404 without any."""
    found = committing_agencies(request.user.person, now()).first()
    if found is None:
        raise Http404
    return found
