"""The suggestions on a draft: each with the place to follow it, or a reason not to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from designer.advising import operations
from designer.advising.queries import dismissals
from designer.errors import NotKept
from designer.models import ProcedureDraft
from designer.presenting.findings import everything_said, said_of
from designer.views.shared import REFUSED, SignedIn, draft_of, page
from legaltime.api import now


@never_cache
@login_required
def quality(request: SignedIn, pk: int) -> HttpResponse:
    """Every suggestion; then, one dismissed with a reason, or shown again."""
    draft = draft_of(request, pk)
    if request.method != "POST":
        return page(request, "designer/quality.html", draft, _context(draft))
    mark, by = request.POST.get("cual", ""), request.user.person
    if "mostrar" in request.POST:
        operations.show_again(draft=draft, mark=mark, by=by, now=now())
        return redirect("designer:quality", pk)
    said = next((one for one in everything_said(draft) if one.mark == mark and not one.is_error), None)
    if said is None:
        messages.success(request, _("Esa sugerencia ya no está: el texto cambió."))
        return redirect("designer:quality", pk)
    try:
        reason = request.POST.get("razon", "")
        operations.dismiss(draft=draft, mark=mark, text=said.text, reason=reason, by=by, now=now())
    except NotKept as error:
        problems = [{"target": f"razon-{mark}", "text": str(error)}]
        return page(request, "designer/quality.html", draft, {**_context(draft), "errors": problems}, REFUSED)
    return redirect("designer:quality", pk)


def _context(draft: ProcedureDraft) -> dict[str, Any]:
    found = [said for said in said_of(draft) if not said.is_error]
    return {"tab": "", "found": found, "dismissed": dismissals(draft)}
