"""Officials' page that signs several acts with one fresh sign-in."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.api import create_joint_intent
from accounts.models import SigningIntent
from legaltime.api import now
from workflows.commands.signing import sign_several
from workflows.presenting import desk_signing as present
from workflows.views.acts import PURPOSE as ONE
from workflows.views.linked import SignedIn, list_address, own_bandeja, record_listing

PURPOSE = "workflows.sign_acts"
UNPROCESSABLE = 422


@never_cache
@login_required
def several(request: SignedIn) -> HttpResponse:
    """Read the acts that wait for one's signature; signing the marked ones begins with a fresh sign-in."""
    page = present.SigningPage(own_bandeja(request), now(), frozenset(request.POST.getlist("acto")))
    chosen = page.chosen()
    if request.method == "POST" and len(chosen) == len(page.marked) > 0:
        return _confirm(request, page, chosen)
    if request.method == "POST":
        page.problem = present.why_none(page)
    record_listing(request, [act.task.process for act in page.acts])
    context = {**page.context(), "list_url": list_address(request)}
    return render(request, "workflows/desk/sign_several.html", context, status=UNPROCESSABLE if page.problem else 200)


def _confirm(request: SignedIn, page: present.SigningPage, chosen: dict[str, str]) -> HttpResponse:
    facts = {"button": str(present.SIGN_MARKED), "asked_at": page.now.isoformat()}
    intent = create_joint_intent(user=request.user, purpose=PURPOSE, of=ONE, shown=chosen, facts=facts, now=page.now)
    back = urlencode({"next": reverse("workflows:sign_several")})
    return redirect(f"{reverse('accounts:confirm', args=[intent.nonce])}?{back}")


def several_confirmed(request: HttpRequest, intent: SigningIntent) -> HttpResponse:
    """Continuation after the fresh sign-in: each act by itself, and in words what became of each."""
    attempts = sign_several(intent=intent, now=now())
    if said := present.asked(attempts):
        messages.success(request, said)
    for attempt in attempts:
        if attempt.refusal:
            messages.error(request, present.refused(attempt))
    return redirect("workflows:sign_several")
