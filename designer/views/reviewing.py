"""Several people on one draft: comments, approvals, and a page for who has only a link."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from designer import reviewing
from designer.errors import DesignError
from designer.models import ProcedureDraft
from designer.numbers import plain_number
from designer.presenting import reviewing as presenting
from designer.presenting.cards import own_path
from designer.queries import may_publish
from designer.views.shared import REFUSED, SignedIn, draft_of, page, today
from legaltime.api import now


@never_cache
@login_required
def review(request: SignedIn, pk: int) -> HttpResponse:
    """Who approved, what people say, and who else may read; sent back, one of the acts of this page."""
    draft = draft_of(request, pk)
    act = _ACTS.get(request.POST.get("que", ""))
    if act is None:
        return _show(request, draft, [])
    try:
        messages.success(request, act(request, draft))
    except DesignError as error:
        return _show(request, draft, [{"target": "texto", "text": str(error)}], REFUSED)
    return redirect(own_path(request.POST.get("volver", reverse("designer:review", args=[pk])), draft))


def _show(request: SignedIn, draft: ProcedureDraft, errors: list[dict[str, str]], status: int = 200) -> HttpResponse:
    context = presenting.context(draft, settings.PUBLIC_URL, now())
    context["has_approved"] = any(one.by_id == request.user.person.pk for one in context["agreement"].approvals)
    return page(request, "designer/review.html", draft, {**context, "errors": errors, "typed": request.POST}, status)


def _comment(request: SignedIn, draft: ProcedureDraft) -> str:
    reviewing.comment(
        draft=draft, address=request.POST.get("parte", ""), text=request.POST.get("texto", ""),
        by=request.user.person, now=now(),
    )  # fmt: skip
    return _("Comentario guardado.")


def _settle(request: SignedIn, draft: ProcedureDraft) -> str:
    found = get_object_or_404(draft.comments, pk=plain_number(request.POST.get("comentario")))
    reviewing.settle(comment=found, by=request.user.person, now=now())
    return _("Comentario resuelto.") if found.settled_at else _("Comentario abierto otra vez.")


def _approve(request: SignedIn, draft: ProcedureDraft) -> str:
    reviewing.approve(draft=draft, digest=request.POST.get("huella", ""), by=request.user.person, now=now())
    return _("Aprobaste lo que dice ahora el borrador. Si alguien lo cambia, habrá que aprobarlo otra vez.")


def _share(request: SignedIn, draft: ProcedureDraft) -> str:
    reviewing.share(draft=draft, by=request.user.person, now=now())
    return _("Listo: copia el enlace y envíaselo a quien deba leerlo.")


def _close(request: SignedIn, draft: ProcedureDraft) -> str:
    link = get_object_or_404(draft.links, pk=plain_number(request.POST.get("enlace")))
    reviewing.close_link(link=link, now=now())
    return _("El enlace ya no funciona.")


def _require(request: SignedIn, draft: ProcedureDraft) -> str:
    if not may_publish(request.user.person, draft.agency, today()):
        raise PermissionDenied
    wanted = plain_number(request.POST.get("aprobaciones"), -1)
    reviewing.require_approvals(agency=draft.agency, approvals=wanted, by=request.user.person, now=now())
    return _("Guardado. Vale para todos los trámites de la institución.")


_ACTS: dict[str, Callable[[SignedIn, ProcedureDraft], str]] = {
    "comentar": _comment,
    "resolver": _settle,
    "aprobar": _approve,
    "compartir": _share,
    "cerrar": _close,
    "exigir": _require,
}


@never_cache
def shared(request: HttpRequest, secret: str) -> HttpResponse:
    """A draft for who has its link: to read it all and to comment, without an account."""
    draft = reviewing.shared_draft(secret, now())
    if draft is None:
        raise Http404
    context = presenting.shared(draft)
    if request.method != "POST":
        return _public(request, context, [], 200)
    try:
        reviewing.comment(
            draft=draft, address=request.POST.get("parte", ""), text=request.POST.get("texto", ""), by=None, now=now(),
            signed=request.POST.get("nombre", ""),
        )  # fmt: skip
    except DesignError as error:
        return _public(request, context, [{"target": "texto", "text": str(error)}], REFUSED)
    messages.success(request, _("Gracias. Quien escribe el trámite verá tu comentario."))
    return redirect("designer:shared", secret)


def _public(request: HttpRequest, context: dict[str, object], errors: list[dict[str, str]], code: int) -> HttpResponse:
    whole = {**context, "errors": errors, "typed": request.POST}
    response = render(request, "designer/shared.html", whole, status=code)
    response["X-Robots-Tag"] = "noindex"
    return response
