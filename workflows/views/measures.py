"""One page for every measure, for the interested person and for the official."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Textarea
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from legaltime.api import now
from procedures.api import problems_of
from workflows import measures
from workflows.errors import CommandRefused
from workflows.measures import Measure, MeasureForm, Situation
from workflows.presenting.desk_step import CONFLICT, OK, UNPROCESSABLE
from workflows.views.citizen import own_case
from workflows.views.linked import SignedIn, linked_case, opened

NOT_FOUND = 404


@never_cache
@login_required
def of_citizen(request: SignedIn, ref: str, slug: str) -> HttpResponse:
    """What the interested person may do beside answering."""
    found = own_case(request, ref)
    return _page(request, Situation(found, request.user.person, now()), "citizen", slug, "workflows:case")


@never_cache
@login_required
def of_official(request: SignedIn, ref: str, slug: str) -> HttpResponse:
    """What an official may do beside the steps."""
    found = linked_case(request, ref)
    situation = Situation(found, request.user.person, now())
    return opened(request, found, _page(request, situation, "desk", slug, "workflows:desk_case"))


def _page(request: SignedIn, situation: Situation, side: measures.base.Side, slug: str, back: str) -> HttpResponse:
    measure = measures.find(side, slug)
    if measure is None:
        raise Http404
    if not measure.is_offered(situation):
        return _closed(request, measure, situation, reverse(back, args=[situation.case.ref]))
    posted = request.method == "POST"
    form = measure.form(request.POST if posted else None, request.FILES if posted else None, situation=situation)
    refusal: Exception | None = None
    if posted and form.is_valid():
        try:
            done = measure.do(situation, form.cleaned_data)
        except CommandRefused as error:
            refusal = error
        else:
            messages.success(request, done.message)
            return redirect(done.url or reverse(back, args=[situation.case.ref]))
    context = _context(measure, situation, form, refusal, reverse(back, args=[situation.case.ref]))
    status = CONFLICT if refusal else UNPROCESSABLE if form.errors else OK
    return render(request, "workflows/measure.html", context, status=status)


def _closed(request: SignedIn, measure: Measure, situation: Situation, back: str) -> HttpResponse:
    """What may not be done now: it was done by a first press, or the case went on. What was written is given back."""
    fields = measure.form.base_fields.items()
    written = [request.POST.get(name, "") for name, field in fields if isinstance(field.widget, Textarea)]
    context = {
        "institution": situation.case.agency,
        "case": situation.case,
        "measure": measure,
        "written": [text for text in written if text.strip()],
        "back_url": back,
    }
    return render(request, "workflows/measure_closed.html", context, status=NOT_FOUND)


def _context(
    measure: Measure, situation: Situation, form: MeasureForm, refusal: Exception | None, back: str
) -> dict[str, Any]:
    return {
        "institution": situation.case.agency,
        "case": situation.case,
        "measure": measure,
        "means": measure.means(situation) if measure.means is not None else "",
        "form": form,
        "errors": problems_of(form, refusal),
        "back_url": back,
    }
