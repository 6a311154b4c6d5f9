"""How the institution looks on what it issues: the picture beside its name."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.api import wear_emblem
from accounts.models import Agency
from designer.queries import may_publish
from designer.views.shared import REFUSED, SignedIn, agency_of, today
from documents.api import UploadRefused, keep_emblem
from legaltime.api import now


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def emblem(request: SignedIn) -> HttpResponse:
    """See it, send another or take it away: whoever may publish may."""
    agency = agency_of(request)
    is_allowed = may_publish(request.user.person, agency, today())
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        if not is_allowed:
            raise PermissionDenied
        refusal = _changed(request, agency)
        if not refusal:
            return redirect("designer:emblem")
        errors = [{"target": "imagen", "text": refusal}]
    context = {"agency": agency, "institution": agency, "may_change": is_allowed, "errors": errors}
    return render(request, "designer/emblem.html", context, status=REFUSED if errors else 200)


def _changed(request: SignedIn, agency: Agency) -> str:
    """Do what was sent; why it cannot be done, or nothing."""
    sent, by = request.FILES.get("imagen"), request.user.person
    if sent is None and "quitar" not in request.POST:
        return _("Elige primero la imagen.")
    if sent is None:
        wear_emblem(agency=agency, sha256="", by=by, now=now())
        messages.success(request, _("Los documentos que se emitan desde ahora no llevan emblema."))
        return ""
    try:
        keep_emblem(agency=agency, data=sent.read(), by=by, now=now())
    except UploadRefused as error:
        return str(error)
    messages.success(request, _("Listo. Los documentos que se emitan desde ahora llevan este emblema."))
    return ""
