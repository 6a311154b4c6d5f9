"""Paper and letters: what the person asked for instead of electronic means, and going back to them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from legaltime.api import now
from workflows.commands.exemptions import end_exemption
from workflows.errors import NotAllowed
from workflows.presenting import exemptions as present
from workflows.views.linked import SignedIn, own_day, signed_in_to_post


@require_safe
@never_cache
@login_required
def index(request: SignedIn) -> HttpResponse:
    """The person's exemptions, and where to ask for one."""
    return render(request, "workflows/citizen/exemptions.html", present.page_context(request.user.person, own_day()))


@require_POST
@signed_in_to_post
def end(request: SignedIn, pk: int) -> HttpResponse:
    """Go back to electronic means before one institution."""
    try:
        ended = end_exemption(exemption_id=pk, by=request.user.person, now=now())
    except NotAllowed as refusal:
        raise Http404 from refusal
    text = _("Listo. Desde ahora %(agency)s te notifica en tu domicilio digital.") % {"agency": ended.agency.name}
    messages.success(request, text)
    return redirect("workflows:exemptions")
