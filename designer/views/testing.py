"""Saved tests: their list, one of them, playing them again, and their file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from designer.errors import DesignError, NotKept
from designer.importing import read_upload
from designer.models import ProcedureDraft, SavedTest
from designer.numbers import plain_number
from designer.presenting import replaying as presenting_replay
from designer.presenting import testing as presenting
from designer.testing import operations, replaying, running
from designer.testing.queries import saved_tests
from designer.views.shared import REFUSED, SignedIn, draft_of, page, refused, today
from legaltime.api import now
from procedures.api import write_yaml


@require_safe
@never_cache
@login_required
def cases(request: SignedIn, pk: int) -> HttpResponse:
    """Every saved test and how it stands."""
    draft = draft_of(request, pk)
    return page(request, "designer/cases.html", draft, presenting.context(draft))


@never_cache
@login_required
def case(request: SignedIn, pk: int, test_id: int) -> HttpResponse:
    """One saved test: what happens in it; then, accept what came of it, or remove it."""
    draft = draft_of(request, pk)
    test = get_object_or_404(saved_tests(draft), pk=test_id)
    if request.method != "POST":
        return page(request, "designer/case.html", draft, presenting.page(draft, test))
    try:
        return _done(request, draft, test)
    except NotKept as error:
        problems = [{"target": "", "text": str(error)}]
        return page(request, "designer/case.html", draft, {**presenting.page(draft, test), "errors": problems}, REFUSED)


def _done(request: SignedIn, draft: ProcedureDraft, test: SavedTest) -> HttpResponse:
    """What was asked of a test."""
    if request.POST.get("que") == "quitar":
        operations.remove_test(test=test, draft=draft, by=request.user.person, now=now())
        messages.success(request, _("Quitaste el caso de prueba «%(title)s».") % {"title": test.title})
    else:
        operations.accept_outcome(test=test, draft=draft, by=request.user.person, now=now())
        messages.success(request, _("Desde ahora se espera este resultado en «%(title)s».") % {"title": test.title})
    return redirect("designer:cases", draft.pk)


@require_POST
@login_required
def run(request: SignedIn, pk: int) -> HttpResponse:
    """Let the tests be played now."""
    draft = draft_of(request, pk)
    running.ask(draft=draft, now=now(), at_once=True)
    messages.success(request, _("Los casos de prueba se están corriendo. El resultado aparece aquí en un momento."))
    return redirect("designer:cases", pk)


@never_cache
@login_required
def cases_file(request: SignedIn, pk: int) -> HttpResponse:
    """The tests as the file that `procedures test` reads; or bring such a file."""
    draft = draft_of(request, pk)
    if request.method == "POST":
        return _bring(request, draft)
    stories = [test.story for test in saved_tests(draft)]
    response = HttpResponse(write_yaml({"scenarios": stories}), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{draft.code}.yaml") or ""
    return response


def _bring(request: SignedIn, draft: ProcedureDraft) -> HttpResponse:
    try:
        scenarios = operations.read_tests(read_upload(request.FILES.get("archivo")))
    except DesignError as error:
        return refused(request, error, reverse("designer:cases", args=[draft.pk]))
    count = operations.bring_tests(
        agency=draft.agency, code=draft.code, scenarios=scenarios, by=request.user.person, now=now()
    )
    messages.success(request, _("Casos de prueba nuevos o cambiados: %(count)s.") % {"count": count})
    return redirect("designer:cases", draft.pk)


@never_cache
@login_required
def replay(request: SignedIn, pk: int) -> HttpResponse:
    """Finished cases through the draft: what came of the last replay; then, ask for another."""
    draft = draft_of(request, pk)
    if request.method != "POST":
        return page(request, "designer/replay.html", draft, _replayed(request, draft))
    size = plain_number(request.POST.get("cuantas"))
    try:
        replaying.ask_replay(draft=draft, wanted=size, by=request.user.person, now=now())
    except NotKept as error:
        problems = [{"target": "", "text": str(error)}]
        return page(request, "designer/replay.html", draft, {**_replayed(request, draft), "errors": problems}, REFUSED)
    return redirect("designer:replay", pk)


def _replayed(request: SignedIn, draft: ProcedureDraft) -> dict[str, Any]:
    return presenting_replay.context(draft, request.user.person, today())
