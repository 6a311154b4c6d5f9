"""Proposing what the catalogue lacks: look first, then say it in words."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from legaltime.api import now
from participation.errors import ParticipationError
from participation.forms import EditForm, ProposalForm, TextForm
from participation.models import Proposal
from participation.operations import proposing
from participation.presenting.proposing import similar_context
from participation.queries.finding import subject_at
from participation.views.linked import SignedIn, saying_why, signed_in_to_post


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def propose(request: SignedIn) -> HttpResponse:
    """A search over the catalogue and earlier proposals; the form opens below what was found."""
    query = (request.POST.get("title") or request.GET.get("q", "")).strip()
    form = ProposalForm(request.POST if request.method == "POST" else None, initial={"title": query})
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            proposing.propose(**form.cleaned_data, by=request.user.person, now=now())
        except ParticipationError as problem:
            refusal = str(problem)
        else:
            messages.success(
                request, _("Recibimos tu propuesta. La leerá una persona y se publicará o te diremos por qué no.")
            )
            return redirect("participation:subjects")
    status = 422 if form.errors or refusal else 200
    context = {"form": form, "query": query, "refusal": refusal, **similar_context(query)}
    return render(request, "participation/propose.html", context, status=status)


@require_POST
@signed_in_to_post
@saying_why
def add(request: SignedIn, *, code: str) -> HttpResponse:
    """The author clears up a text that others already support."""
    form = TextForm(request.POST)
    if form.is_valid():
        proposing.add(subject=subject_at(code), text=form.cleaned_data["text"], by=request.user.person, now=now())
        messages.success(
            request, _("Recibimos tu aclaración. La leerá una persona y se publicará, o te diremos por qué no.")
        )
    else:
        messages.error(request, "; ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect(reverse("participation:subject", args=[code]))


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def edit(request: SignedIn, *, code: str) -> HttpResponse:
    """The author changes a text that nobody supports yet; it is moderated again."""
    proposal = get_object_or_404(
        Proposal.objects.select_related("subject"), subject__code=code, author=request.user.person
    )
    subject = proposal.subject
    posted = request.POST if request.method == "POST" else None
    form = EditForm(posted, initial={"title": subject.title, "text": subject.summary})
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            proposing.edit(proposal=proposal, **form.cleaned_data, by=request.user.person, now=now())
        except ParticipationError as problem:
            refusal = str(problem)
        else:
            messages.success(request, _("Guardamos el texto nuevo. Lo leerá una persona antes de publicarlo."))
            return redirect("participation:mine")
    status = 422 if form.errors or refusal else 200
    context = {"form": form, "subject": subject, "refusal": refusal}
    return render(request, "participation/edit.html", context, status=status)
