"""After filing: the three views, who saw it, how it went, and the state without an account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.api import roles_of
from legaltime.api import now
from procedures.api import Problem, problems_of
from signatures.api import Limit, TooManyAttempts, count_attempt, network_of
from workflows import declared
from workflows.commands import correspondence
from workflows.errors import CommandRefused
from workflows.forms import LookUpForm
from workflows.models import Case, Channel
from workflows.presenting import afterwards as present
from workflows.presenting.satisfaction import totals
from workflows.views.citizen import own_case
from workflows.views.linked import SignedIn, own_day, signed_in_to_post

LOOKUPS = Limit("case.lookup", 20, 10)
"""Tries at number and code from one network."""
WRONG, TOO_MANY = 422, 429


@require_safe
@never_cache
@login_required
def answers(request: SignedIn, ref: str) -> HttpResponse:
    """The application as filed, as it stands, or what changed."""
    found = own_case(request, ref)
    context = present.three_views(found, request.GET.get("ver", ""), request.user.person)
    return render(request, "workflows/citizen/answers.html", context)


@require_safe
@never_cache
@login_required
def who_saw(request: SignedIn, ref: str) -> HttpResponse:
    """ "¿Quién vio mi solicitud?"."""
    found = own_case(request, ref)
    context = {
        "institution": found.agency,
        "case": found,
        "openings": present.openings(found, request.user.person),
    }
    return render(request, "workflows/citizen/who_saw.html", context)


@require_POST
@signed_in_to_post
def rate(request: SignedIn, ref: str) -> HttpResponse:
    """Count how easy it was."""
    found = own_case(request, ref)
    given = request.POST.get("nota", "")
    if given not in set("12345"):
        messages.warning(request, _("Elige una de las cinco respuestas."))
        return redirect("workflows:case", ref)
    try:
        correspondence.rate(case=found, score=int(given), by=request.user.person, now=now())
        messages.success(request, _("Gracias por contarnos. Tu respuesta se sumó sin tu nombre."))
    except CommandRefused as refusal:
        messages.info(request, str(refusal))
    return redirect("workflows:case", ref)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def look_up(request: HttpRequest) -> HttpResponse:
    """Where a case stands, for whoever has its number and its code, without an account."""
    form = LookUpForm(request.POST or None, auto_id="id-%s")
    if request.method != "POST":
        return render(request, "workflows/citizen/look_up.html", {"form": form})
    try:
        count_attempt(LOOKUPS, network_of(request), now())
    except TooManyAttempts as refusal:
        return _again(request, form, Problem("", str(refusal)), TOO_MANY)
    if not form.is_valid():
        errors = problems_of(form)
        return render(request, "workflows/citizen/look_up.html", {"form": form, "errors": errors}, status=WRONG)
    found = Case.objects.defer("flow_class").select_related("agency").filter(**form.cleaned_data).first()
    if found is None:
        problem = _("No hay una solicitud con ese número y ese código. Revisa los dos en tu comprobante.")
        return _again(request, form, Problem("id-number", problem), WRONG)
    if found.channel == Channel.DECLARED:
        declared.hold(request, found.ref)
        return redirect("workflows:declared_case", found.ref)
    return render(request, "workflows/citizen/look_up.html", {"form": form, "state": present.public_state(found)})


def _again(request: HttpRequest, form: LookUpForm, error: Problem, status: int) -> HttpResponse:
    return render(request, "workflows/citizen/look_up.html", {"form": form, "errors": [error]}, status=status)


@require_safe
@never_cache
@login_required
def satisfaction(request: SignedIn) -> HttpResponse:
    """How people found the procedures of the official's agencies: totals only."""
    agencies = {role.unit.agency for role in roles_of(request.user.person, own_day())}
    if not agencies:
        raise PermissionDenied
    return render(request, "workflows/desk/satisfaction.html", {"rows": totals(agencies)})
