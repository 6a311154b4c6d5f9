"""What the pages share: who may be here, which draft it is, and how an answer looks."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.models import Agency, User
from designer import reviewing
from designer.errors import DesignError
from designer.models import ProcedureDraft
from designer.presenting import pages
from designer.presenting import reviewing as reviewing_pages
from designer.queries import designing_agencies, drafts_for
from legaltime.api import local_date, now

CONFLICT = 409
REFUSED = 422


class SignedIn(HttpRequest):
    """A request that `login_required` let through."""

    user: User


def today() -> date:
    """Today in continental Chile."""
    return local_date(now(), settings.TIME_ZONE)


def agency_of(request: SignedIn) -> Agency:
    """The agency whose procedures the person writes. PermissionDenied for anybody else."""
    agencies = designing_agencies(request.user.person, today())
    wanted = request.GET.get("institucion") or request.POST.get("institucion")
    found = agencies.filter(code=wanted).first() if wanted else agencies.first()
    if found is None:
        raise PermissionDenied
    return found


def draft_of(request: SignedIn, pk: int) -> ProcedureDraft:
    """A draft of an agency in which the person designs, or 404."""
    return get_object_or_404(drafts_for(request.user.person, today()), pk=pk)


def page(
    request: SignedIn, template: str, draft: ProcedureDraft, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page of a draft, below its bar."""
    shared = {**pages.bar(draft, request.user.person, today()), "others_here": seen_others(request, draft)}
    return render(request, template, {**shared, **context}, status=status)


def seen_others(request: SignedIn, draft: ProcedureDraft) -> list[str]:
    """Who else is at work on the draft; where this person is becomes known to them."""
    address = str(request.resolver_match.kwargs.get("address", "")) if request.resolver_match else ""
    visits = reviewing.note_visit(draft=draft, person=request.user.person, address=address, now=now())
    return reviewing_pages.others(draft, visits)


def refused(request: SignedIn, error: DesignError, url: str) -> HttpResponse:
    """Back to a page, saying why nothing was done."""
    messages.error(request, str(error))
    return redirect(url)
