"""Frames in which a question, a document and a notice are seen as they will be, and the PDF of a draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from designer import tree
from designer.errors import ItemGone
from designer.presenting import previews
from designer.views.shared import SignedIn, draft_of, page
from documents.api import DocumentError, blocks_html
from documents.api import render as render_pdf
from jobs.api import Blocked
from legaltime.api import now

UNAVAILABLE = 503
_View = TypeVar("_View", bound=Callable[..., HttpResponse])


def _framed(view: _View) -> _View:
    """The one exception to the rule that no page is framed: these, by our own."""
    return cast(_View, xframe_options_sameorigin(csp_replace({"frame-ancestors": ["'self'"]})(view)))


@require_safe
@never_cache
@login_required
@_framed
def question(request: SignedIn, pk: int, address: str) -> HttpResponse:
    """A question drawn by the form that citizens get."""
    draft = draft_of(request, pk)
    try:
        item = tree.get(draft.content, tree.parse(address))
    except ItemGone as gone:
        raise Http404 from gone
    if not isinstance(item, dict) or "type" not in item:
        raise Http404
    form = previews.question_form(item, with_error=request.GET.get("estado") == "error")
    return render(request, "designer/preview.html", {"form": form})


@require_safe
@never_cache
@login_required
@_framed
def document(request: SignedIn, pk: int, document_id: str) -> HttpResponse:
    """A document with sample data, as a page."""
    draft = draft_of(request, pk)
    content = previews.document_content(draft, document_id, now())
    blocks = blocks_html(content) if content else []
    return render(request, "designer/preview_document.html", {"content": content, "blocks": blocks})


@require_safe
@never_cache
@login_required
@_framed
def notice(request: SignedIn, pk: int, notice_id: str) -> HttpResponse:
    """A notice with sample data, as it reaches the person."""
    draft = draft_of(request, pk)
    item = tree.find(draft.content, ("notices", notice_id))
    if item is None:
        raise Http404
    return render(request, "designer/preview_notice.html", previews.notice_texts(draft, item, now()))


@require_safe
@never_cache
@login_required
def pdf(request: SignedIn, pk: int, document_id: str) -> HttpResponse:
    """A document with sample data as a PDF marked BORRADOR."""
    draft = draft_of(request, pk)
    content = previews.document_content(draft, document_id, now())
    if content is None:
        raise Http404
    try:
        made = render_pdf(content, draft=True)
    except (DocumentError, Blocked) as problem:
        return page(
            request, "designer/preview_failed.html", draft, {"problem": problem, "tab": "documents"}, UNAVAILABLE
        )
    response = HttpResponse(made.data, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="borrador.pdf"'
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'self'; object-src 'self'"
    return response
