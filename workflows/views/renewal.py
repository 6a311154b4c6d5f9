"""The page that meets a person whose draft was begun before the procedure changed."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from legaltime.api import now
from procedures.models import Offering
from workflows import drafts
from workflows.errors import AlreadyFiled
from workflows.models import Draft
from workflows.versions import renewal
from workflows.views.filling import own_draft, to_case
from workflows.views.linked import SignedIn, own_day


@never_cache
@login_required
def changes(request: SignedIn, ref: str) -> HttpResponse:
    """What changed since the draft was begun; sending the form goes on with the present version."""
    draft = own_draft(request, ref)
    if draft.filed_at is not None:
        return to_case(draft)
    target = renewal.newer(draft, own_day())
    if request.method == "POST":
        return _renewed(draft)
    if target is None and not draft.set_aside:
        return redirect("workflows:page", ref, 1)
    context: dict[str, Any] = {
        "institution": draft.agency,
        "draft": draft,
        "target": target,
        "changes": renewal.what_changed(draft, target) if target else [],
        "not_asked": [{"label": label, "value": answer} for label, answer in _not_asked(draft, target)],
    }
    if target is None:
        context["go_on"] = _next_page(draft)
    return render(request, "workflows/filling/changes.html", context)


def _not_asked(draft: Draft, target: Offering | None) -> list[tuple[str, str]]:
    return renewal.not_asked(draft, target) if target else renewal.set_aside(draft)


def _renewed(draft: Draft) -> HttpResponse:
    try:
        renewed = renewal.renew(draft=draft, now=now())
    except AlreadyFiled:
        return to_case(draft)
    return redirect("workflows:page", renewed.ref, _next_page(renewed))


def _next_page(draft: Draft) -> int:
    """The first page that lacks an answer, else the last."""
    try:
        drafts.complete_answers(draft, now())
    except drafts.Incomplete as missing:
        return missing.page
    return drafts.pages_asked(draft)[-1]
