"""Pages for everybody: what people ask for, one subject, answers owed, rules, and the tally."""

from __future__ import annotations

import secrets

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from legaltime.api import now
from participation.operations.exposing import PAGE
from participation.presenting import public as present
from participation.presenting.proposing import unsupported
from participation.presenting.subject import page_context
from participation.queries.finding import subject_at
from participation.queries.subjects import ORDERS, PAGE_SIZE, Wanted, ordered_ids
from participation.rules.words import one_line
from participation.views.linked import person_of
from participation.views.showing import show


@require_safe
@never_cache
def subjects(request: HttpRequest) -> HttpResponse:
    """What people ask for: by chance unless another order is asked."""
    seed = request.session.setdefault("participation_seed", secrets.token_hex(8))
    given = request.GET
    wanted = Wanted(
        query=given.get("q", "").strip(),
        agency=one_line(given.get("institucion", "")),
        stage=given.get("estado", ""),
        order=given["orden"] if given.get("orden") in ORDERS else ORDERS[0],
        seed=seed,
    )
    page = Paginator(ordered_ids(wanted), PAGE_SIZE).get_page(given.get("p"))
    show(request, list(page), wanted.order)
    context = {
        **present.list_context(page, wanted, now()),
        **present.staff_context(person_of(request), now()),
        "fichas": unsupported(wanted.query) if page.number == 1 else [],
    }
    return render(request, "participation/subjects.html", context)


@require_safe
@never_cache
def subject(request: HttpRequest, *, code: str) -> HttpResponse:
    """One subject: its panel, evidence, answers and roadmap."""
    found = subject_at(code)
    show(request, [found.pk] if found.pk else [], PAGE)
    return render(request, "participation/subject.html", page_context(found, person_of(request), now()))


@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """Answers due, late and given, and who promised nothing."""
    return render(request, "participation/answers.html", present.answers_context(now()))


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rulebook in force."""
    return render(request, "participation/rules.html", present.rules_context())


@require_safe
def tally(request: HttpRequest) -> HttpResponse:
    """The published tally: batches, how to recount, and what it does not prove."""
    return render(request, "participation/tally.html", present.tally_context())
