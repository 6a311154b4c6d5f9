"""Reviewing and publishing a draft, its history, and its files."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from designer import operations, publishing
from designer.bpmn import write_bpmn
from designer.errors import DesignError, NotReady
from designer.importing import Import
from designer.models import ProcedureDraft
from designer.numbers import plain_number
from designer.presenting import review
from designer.queries import readable
from designer.views.shared import CONFLICT, REFUSED, SignedIn, draft_of, page, refused
from legaltime.api import now
from procedures.api import Pilot, bundle_of, write_yaml
from procedures.models import ProcedureVersion


@never_cache
@login_required
def publish(request: SignedIn, pk: int) -> HttpResponse:
    """What would be published and whom it touches; then, publish it."""
    draft = draft_of(request, pk)
    if request.method != "POST":
        return page(request, "designer/publish.html", draft, review.context(draft))
    news = publishing.news_of(draft)
    try:
        offering = publishing.publish_draft(
            draft=draft, revision=plain_number(request.POST.get("revision", "")), by=request.user.person, now=now(),
            digest=request.POST.get("digest", ""), effective_from=_day(request.POST),
            note=request.POST.get("nota", "").strip(), pilot=_pilot(draft, request.POST),
        )  # fmt: skip
    except NotReady as error:
        problems = [{"target": "", "text": str(error)}]
        context = {**review.context(draft), "errors": problems, "typed": request.POST}
        return page(request, "designer/publish.html", draft, context, REFUSED)
    messages.success(request, review.published(offering, news))
    return redirect("designer:home", pk)


def _day(data: Any) -> date | None:
    """The day chosen to begin; None for now. Raises NotReady when it is not a date."""
    if data.get("desde") != "fecha":
        return None
    try:
        return date(*(plain_number(data.get(f"fecha-{part}")) for part in ("anio", "mes", "dia")))
    except ValueError as error:
        raise NotReady(_("Escribe una fecha con día, mes y año.")) from error


def _pilot(draft: ProcedureDraft, data: Any) -> Pilot | None:
    """Who tries it first; None for everybody. Raises NotReady when nobody was chosen."""
    match data.get("para", "todas"):
        case "oficina":
            unit = publishing.offices(draft).filter(pk=plain_number(data.get("oficina", ""))).first()
            if unit is None:
                raise NotReady(_("Elige la oficina que prueba primero la versión."))
            return Pilot(unit=unit)
        case "parte":
            return Pilot(share=plain_number(data.get("parte", "")))
    return None


@require_POST
@login_required
def pilot(request: SignedIn, pk: int) -> HttpResponse:
    """Widen a pilot, open it to all or close it; or take back what begins later."""
    draft = draft_of(request, pk)
    what, share = request.POST.get("que", ""), plain_number(request.POST.get("parte", ""))
    try:
        publishing.change_pilot(draft=draft, what=what, share=share, by=request.user.person, now=now())
    except NotReady as error:
        return refused(request, error, reverse("designer:publish", args=[pk]))
    messages.success(request, review.PILOT_DONE[what])
    return redirect("designer:publish", pk)


@require_safe
@never_cache
@login_required
def history(request: SignedIn, pk: int) -> HttpResponse:
    """Every change and every published version."""
    draft = draft_of(request, pk)
    return page(request, "designer/history.html", draft, {**review.history(draft), "tab": "history"})


@require_POST
@login_required
def restore(request: SignedIn, pk: int) -> HttpResponse:
    """Bring an older content back as the draft's: nothing is published by this."""
    draft = draft_of(request, pk)
    content, summary = _older(draft, request.POST)
    operations.restore(draft=draft, content=content, summary=summary, by=request.user.person, now=now())
    messages.success(request, _("Listo. Es el contenido del borrador: revísalo y publícalo cuando quieras."))
    return redirect("designer:home", pk)


def _older(draft: ProcedureDraft, data: Any) -> tuple[dict[str, Any], str]:
    if data.get("version"):
        versions = ProcedureVersion.objects.filter(procedure__owner=draft.agency_id, procedure__code=draft.code)
        version = get_object_or_404(versions, number=plain_number(data["version"]))
        content = bundle_of(version).model_dump(mode="json", exclude_defaults=True)
        return content, _("Volvió a la versión %(number)s") % {"number": version.number}
    revision = get_object_or_404(draft.revisions, number=plain_number(data.get("revision", "")))
    return revision.content, _("Volvió al cambio %(number)s") % {"number": revision.number}


@require_safe
@never_cache
@login_required
def export(request: SignedIn, pk: int) -> HttpResponse:
    """The draft as a YAML file."""
    draft = draft_of(request, pk)
    response = HttpResponse(write_yaml(draft.content), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{draft.code}.yaml") or ""
    return response


@require_safe
@never_cache
@login_required
def export_bpmn(request: SignedIn, pk: int) -> HttpResponse:
    """The draft as a BPMN 2.0 file, which a modeller opens and this page brings back whole."""
    draft = draft_of(request, pk)
    made = write_bpmn(draft.content, readable(draft.content))
    response = HttpResponse(made, content_type="application/xml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{draft.code}.bpmn") or ""
    return response


@never_cache
@login_required
def files(request: SignedIn, pk: int) -> HttpResponse:
    """Bring a YAML file in: first what it would change, then the change."""
    draft = draft_of(request, pk)
    if request.method != "POST":
        return page(request, "designer/files.html", draft, {"tab": "history"})
    wanted = Import(draft, request.FILES.get("archivo"), request.POST.get("texto", ""))
    if wanted.problems:
        return _show_import(request, wanted, wanted.problems, REFUSED)
    if "aprobar" not in request.POST:
        return _show_import(request, wanted, [], 200)
    try:
        wanted.apply(seen=request.POST.get("seen", ""), by=request.user.person, now=now())
    except DesignError as error:
        return _show_import(request, wanted, [{"target": "", "text": str(error)}], CONFLICT)
    messages.success(request, _("Trajiste el archivo al borrador."))
    return redirect("designer:home", pk)


def _show_import(request: SignedIn, wanted: Import, errors: list[dict[str, str]], status: int) -> HttpResponse:
    """What a file would change, or why it cannot be brought in."""
    context = {"tab": "history", "wanted": wanted, "errors": errors}
    return page(request, "designer/files.html", wanted.draft, context, status)


@require_safe
@never_cache
@login_required
def picture(request: SignedIn, pk: int) -> HttpResponse:
    """The whole procedure on one page, to print or to read at once."""
    draft = draft_of(request, pk)
    if not draft.content.get("steps"):
        raise Http404
    return page(request, "designer/whole.html", draft, {**review.whole(draft), "tab": ""})
