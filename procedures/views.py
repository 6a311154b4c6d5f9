"""Staff pages of the catalogue: send a file of fichas, look at what it would do, apply it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.api import agencies_where
from accounts.models import Agency, AgencyCapability, User
from legaltime.api import local_date, now
from procedures.catalogue.forms import CatalogueFileForm
from procedures.catalogue.importing import OUTCOMES, RowReport, apply_import, preview, send_catalogue
from procedures.catalogue.queries import most_handed_off
from procedures.errors import AlreadyApplied
from procedures.fields.listed import CHOSEN
from procedures.forms import problems_of
from procedures.lists import queries
from procedures.models import CatalogueImport, Handout, ListVersion

HANDED_OFF_SINCE = timedelta(days=30)
SHOWN = 500
"""Rows of a report on the page; the counts are of all."""
WORDS = {
    "new": gettext_lazy("nueva"),
    "changed": gettext_lazy("cambia"),
    "same": gettext_lazy("igual"),
    "refused": gettext_lazy("no entra"),
}
TAGS = {"new": "success", "changed": "active", "same": "", "refused": "error"}


class _Staff(HttpRequest):
    user: User


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def imports(request: _Staff) -> HttpResponse:
    """The files sent so far, and the form to send one; sending writes nothing but the file."""
    _agencies(request)
    form = CatalogueFileForm(request.POST, request.FILES) if request.method == "POST" else CatalogueFileForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["archivo"]
        sent = send_catalogue(name=file.name, content=file.read(), by=request.user.person, now=now())
        return redirect("procedures:import", sent.pk)
    sent_before = CatalogueImport.objects.defer("content", "report").select_related("by").order_by("-pk")[:50]
    gone = most_handed_off(local_date(now(), settings.TIME_ZONE) - HANDED_OFF_SINCE)
    context = {"form": form, "imports": sent_before, "gone": gone, "errors": problems_of(form)}
    return render(request, "procedures/imports.html", context, status=422 if context["errors"] else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def one_import(request: _Staff, import_id: int) -> HttpResponse:
    """What each row of a file would do, and the button that does it; afterwards, what each row did."""
    agencies = _agencies(request)
    sent = get_object_or_404(CatalogueImport, pk=import_id)
    if request.method == "POST":
        try:
            apply_import(sent=sent, by=request.user.person, now=now(), agencies=agencies)
            messages.success(request, _("Listo: las fichas ya están en el catálogo."))
        except AlreadyApplied as error:
            messages.warning(request, str(error))
        return redirect("procedures:import", sent.pk)
    reports = [RowReport(**row) for row in sent.report] if sent.applied_at else preview(sent, agencies=agencies)
    return render(request, "procedures/import.html", {"sent": sent, **_report(reports)})


@require_safe
def template(request: HttpRequest, sha256: str) -> HttpResponse:
    """A form to download, fill in and attach. It never changes, and opens outside the browser."""
    found = Handout.objects.filter(sha256=sha256).first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response["Content-Disposition"] = content_disposition_header(True, found.name) or ""
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response["Cache-Control"] = "public, max-age=86400, immutable"
    return response


@require_safe
@never_cache
def search_list(request: HttpRequest, version_id: int) -> HttpResponse:
    """What a search finds in a published list, for a page that searches while one types."""
    if not ListVersion.objects.filter(pk=version_id, published_at__isnull=False).exists():
        raise Http404
    name = request.GET.get("n", "")[:120]
    matches = queries.search_list(version_id, request.GET.get(name, "")[:300], request.GET.get("bajo"))
    context = {"matches": matches, "name": f"{name}{CHOSEN}", "base": f"q-{name}", "chosen": ""}
    return render(request, "fields/matches.html", context)


def _agencies(request: _Staff) -> Sequence[Agency]:
    """The agencies whose fichas the person may change; PermissionDenied when there is none."""
    today = local_date(now(), settings.TIME_ZONE)
    found = list(agencies_where(request.user.person, AgencyCapability.PUBLISH, today))
    if not found:
        raise PermissionDenied
    return found


def _report(reports: Sequence[RowReport]) -> dict[str, Any]:
    """The counts, and the rows: those that people must look at first."""
    counted = Counter(report.outcome for report in reports)
    ordered = sorted(reports, key=lambda report: (report.outcome != "refused", not report.problems, report.line))
    return {
        "counts": [(WORDS[outcome], counted[outcome]) for outcome in OUTCOMES if counted[outcome]],
        "writes": counted["new"] + counted["changed"],
        "rows": [{"row": row, "word": WORDS[row.outcome], "tag": TAGS[row.outcome]} for row in ordered[:SHOWN]],
        "hidden": max(len(reports) - SHOWN, 0),
    }
