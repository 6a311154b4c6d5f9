"""Powers: give one, see those given and held, take one back; and the same at the counter."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.api import organisations_governed
from legaltime.api import now
from procedures.api import problems_of
from workflows.commands import powers as commands
from workflows.errors import CommandRefused
from workflows.forms import PowerForm
from workflows.paper_forms import PaperForm
from workflows.presenting import powers as present
from workflows.presenting.desk_step import OK, UNPROCESSABLE
from workflows.views.counter import own_attendance
from workflows.views.linked import SignedIn, own_day, signed_in_to_post

_TAKEN_BACK = gettext_lazy(
    "Quitamos el poder. Desde ahora no vale, tampoco en las solicitudes que ya se presentaron con él."
)


@never_cache
@login_required
def powers(request: SignedIn) -> HttpResponse:
    """Powers given and held, and the form to give one."""
    person, today = request.user.person, own_day()
    posted = request.POST if request.method == "POST" else None
    form = PowerForm(posted, scopes=present.scopes(), organisations=organisations_governed(person, today))
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            made = commands.grant(power=form.power(), by=person, on=today, now=now(), organisation=form.organisation)
            messages.success(request, present.granted(made))
            return redirect("workflows:powers")
        except CommandRefused as error:
            refusal = str(error)
    context = {**present.powers_context(person, today), **_shown(form, refusal)}
    return render(request, "workflows/powers/powers.html", context, status=UNPROCESSABLE if context["errors"] else OK)


def _shown(form: PowerForm, refusal: str) -> dict[str, Any]:
    return {"form": form, "errors": problems_of(form, refusal, at="id-run")}


@require_POST
@signed_in_to_post
def revoke(request: SignedIn, mandate_id: int) -> HttpResponse:
    """Take a power back, or give it up; the last one of an organisation only after reading what that means."""
    person, today = request.user.person, own_day()
    found = get_object_or_404(commands.revocable(person, today), pk=mandate_id)
    means = present.left_behind(found, today)
    if means and "confirmar" not in request.POST:
        return render(request, "workflows/powers/give_up.html", {"power": found, "means": means})
    try:
        commands.revoke(mandate_id=mandate_id, by=person, on=today, now=now())
    except CommandRefused as refusal:
        raise Http404 from refusal
    messages.success(request, present.revoked(found, person, means) or _TAKEN_BACK)
    return redirect("workflows:powers")


@never_cache
@login_required
def at_counter(request: SignedIn, attendance_id: int) -> HttpResponse:
    """The person attended gives a power, signed on paper."""
    found = own_attendance(request, attendance_id)
    if "quitar" in request.POST:
        return _taken_back(request, found)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PowerForm(*data[:1], scopes=present.scopes())
    paper = PaperForm(*data, label=_("Poder firmado, digitalizado"))
    refusal = ""
    if form.is_bound and form.is_valid() and paper.is_valid():
        scan = paper.cleaned_data["paper"]
        try:
            commands.grant_at_counter(
                power=form.power(), attendance=found, paper=scan, by=request.user.person, on=own_day(), now=now()
            )
            messages.success(request, _("El poder quedó registrado."))
            return redirect("workflows:counter_attendance", found.pk)
        except CommandRefused as error:
            refusal = str(error)
    return _counter_page(request, found, form, paper, refusal)


def _taken_back(request: SignedIn, found: Any) -> HttpResponse:
    """The person attended takes back a power that they gave."""
    wanted = request.POST["quitar"]
    try:
        commands.revoke_at_counter(
            mandate_id=int(wanted) if wanted.isdecimal() else 0,
            attendance=found,
            by=request.user.person,
            on=own_day(),
            now=now(),
        )
        messages.success(request, _TAKEN_BACK)
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("workflows:counter_power", found.pk)


def _counter_page(request: SignedIn, found: Any, form: PowerForm, paper: PaperForm, refusal: str) -> HttpResponse:
    shown = _shown(form, refusal)
    shown["errors"] += problems_of(paper)
    is_here = commands.may_attend(found, request.user.person)
    given = present.powers_context(found.person, own_day())["given"] if is_here else []
    context = {"attendance": found, "name": str(found.person), "paper": paper, "given": given, **shown}
    return render(request, "workflows/counter/power.html", context, status=UNPROCESSABLE if shown["errors"] else OK)
