"""Questions of a form in a spreadsheet: taken out, and brought back after seeing what would change."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from designer import tree
from designer.bringing import SheetImport, present_sheet
from designer.errors import DesignError
from designer.models import ProcedureDraft
from designer.views.shared import CONFLICT, REFUSED, SignedIn, draft_of, page
from legaltime.api import now


@never_cache
@login_required
def sheet(request: SignedIn, pk: int, form_id: str) -> HttpResponse:
    """A spreadsheet of questions: what it would change, and then the change."""
    draft = _with_form(request, pk, form_id)
    if request.method != "POST":
        return _page(request, draft, form_id, None)
    sent = request.POST
    wanted = SheetImport(draft, form_id, request.FILES.get("planilla"), sent.get("texto", ""), drops="quitar" in sent)
    if wanted.problems:
        return _page(request, draft, form_id, wanted, wanted.problems, REFUSED)
    if "aprobar" not in sent:
        return _page(request, draft, form_id, wanted)
    try:
        wanted.apply(seen=sent.get("seen", ""), by=request.user.person, now=now())
    except DesignError as error:
        return _page(request, draft, form_id, wanted, [{"target": "", "text": str(error)}], CONFLICT)
    messages.success(request, _("Trajiste las preguntas de la planilla."))
    return redirect("designer:form", pk, form_id)


@require_safe
@never_cache
@login_required
def sheet_file(request: SignedIn, pk: int, form_id: str) -> HttpResponse:
    """The present questions of a form as a CSV."""
    draft = _with_form(request, pk, form_id)
    answer = HttpResponse(present_sheet(draft, form_id), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{draft.code}-{form_id}.csv"'
    return answer


def _with_form(request: SignedIn, pk: int, form_id: str) -> ProcedureDraft:
    draft = draft_of(request, pk)
    if tree.find(draft.content, ("forms", form_id)) is None:
        raise Http404
    return draft


def _page(
    request: SignedIn,
    draft: ProcedureDraft,
    form_id: str,
    wanted: SheetImport | None,
    errors: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"tab": "questions", "wanted": wanted, "errors": errors or [], "form_id": form_id}
    return page(request, "designer/sheet.html", draft, context, status)
