"""Pages of those who moderate and of those who plan: proposals, reviews, merges, the roadmap and its priorities."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.api import agencies_where
from accounts.models import Agency, AgencyCapability
from legaltime.api import local_date, now
from participation.errors import HeldByAnother, SelectionChanged, SelectionTooSmall
from participation.forms import MergeForm, ReviewForm
from participation.models import Addendum, Answer, Merge, Proposal, Review
from participation.operations import caring, judging, passing, proposing, roadmap
from participation.presenting import care as present
from participation.queries.finding import subject_at
from participation.queries.powers import ZONE
from participation.rules.words import one_line
from participation.views.linked import SignedIn, for_moderators, saying_why


@require_safe
@never_cache
@login_required
@for_moderators
def desk(request: SignedIn) -> HttpResponse:
    """What waits for moderation, open reviews, merges, and what looked unusual."""
    initial = present.reported(request.GET.get("informe", ""), request.GET.get("fila", ""))
    return _desk(request, ReviewForm(initial=initial))


def _desk(request: SignedIn, form: ReviewForm, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of who moderates; `more`: what was typed in its other forms, and what is wrong with it."""
    desk = present.desk_context(form, request.user.person)
    context = {"merging": MergeForm(), "problems": form.summary, **desk, **more}
    return render(request, "participation/care.html", context, status=status)


@require_POST
@login_required
@for_moderators
@saying_why
def moderate(request: SignedIn, *, proposal_id: int) -> HttpResponse:
    """Publish a proposal, or not with its public reason."""
    proposal = get_object_or_404(Proposal, pk=proposal_id)
    decision, by, seen = request.POST.get("decision", ""), request.user.person, request.POST.get("leido", "")
    if not _is_decision(decision):
        messages.error(request, _("Elige publicar, o el motivo por el que no se publica."))
        return redirect("participation:care")
    publish = decision == "publish"
    decided = proposing.moderate(proposal=proposal, publish=publish, reason=decision, by=by, now=now(), seen=seen)
    _say_decided(request, is_final=decided.state != Proposal.State.PENDING)
    return redirect("participation:care")


@require_POST
@login_required
@for_moderators
@saying_why
def moderate_addendum(request: SignedIn, *, addendum_id: int) -> HttpResponse:
    """Publish what an author added to a supported text, or not with its public reason."""
    addendum, decision = get_object_or_404(Addendum, pk=addendum_id), request.POST.get("decision", "")
    if not _is_decision(decision):
        messages.error(request, _("Elige publicar, o el motivo por el que no se publica."))
        return redirect("participation:care")
    publish, by = decision == "publish", request.user.person
    judged = judging.judge_addendum(addendum=addendum, publish=publish, reason=decision, by=by, now=now())
    _say_decided(request, is_final=judged.is_final)
    return redirect("participation:care")


def _is_decision(decision: str) -> bool:
    return decision == "publish" or decision in Proposal.Reason.values


def _say_decided(request: SignedIn, *, is_final: bool) -> None:
    if is_final:
        messages.success(request, _("Decisión guardada."))
    else:
        messages.info(
            request,
            _("Guardamos tu motivo. Trabajas en la institución que debe responder: falta que decida otra persona."),
        )


@require_POST
@login_required
@for_moderators
@saying_why
def review(request: SignedIn) -> HttpResponse:
    """First the numbers it would set aside; with `confirmar`, set them aside."""
    form = ReviewForm(request.POST)
    if "volver" in request.POST:
        return _desk(request, form, problems=[])
    if not form.is_valid():
        return _desk(request, form, status=422)
    try:
        return _previewed(request, form) if "confirmar" not in request.POST else _set_aside(request, form)
    except SelectionTooSmall as refusal:
        form.add_error("hasta", str(refusal))
        return _desk(request, form, status=422)


def _previewed(request: SignedIn, form: ReviewForm, *, status: int = 200) -> HttpResponse:
    """What it would set aside. Raises SelectionTooSmall."""
    selection = form.selection(request.user.person)
    context = {"selection": selection, "preview": caring.preview_review(selection), "form": form}
    return render(request, "participation/review.html", context, status=status)


def _set_aside(request: SignedIn, form: ReviewForm) -> HttpResponse:
    """Set it aside; when it is not what was shown any more, show it anew. Raises SelectionTooSmall."""
    reason, seen = form.cleaned_data["motivo"], request.POST["confirmar"]
    expected = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    try:
        chosen = form.selection(request.user.person)
        caring.open_review(selection=chosen, reason=reason, by=request.user.person, now=now(), expected=expected)
    except (SelectionChanged, HeldByAnother) as refusal:
        messages.warning(request, str(refusal))
        return _previewed(request, form, status=409)
    messages.success(request, _("Quedaron en revisión. La decide otra persona."))
    return redirect("participation:care")


@require_POST
@login_required
@for_moderators
@saying_why
def decide_review(request: SignedIn, *, review_id: int) -> HttpResponse:
    """Exclude the batch or give it back."""
    found = get_object_or_404(Review, pk=review_id)
    uphold = request.POST.get("decision") == "excluir"
    caring.decide_review(review=found, uphold=uphold, by=request.user.person, now=now())
    messages.success(request, _("Decisión guardada."))
    return redirect("participation:care")


@require_POST
@login_required
@for_moderators
@saying_why
def merge(request: SignedIn) -> HttpResponse:
    """First how many people it would count; with `confirmar`, join them."""
    form = MergeForm(request.POST)
    if "volver" in request.POST:
        return _desk(request, ReviewForm(), problems=[], merging=form)
    if not form.is_valid():
        return _desk(request, ReviewForm(), status=422, problems=form.summary, merging=form)
    two, by = form.cleaned_data, request.user.person
    if "confirmar" in request.POST:
        caring.merge(source=two["esta"], into=two["con"], reason=two["motivo"], by=by, now=now())
        messages.success(request, _("Peticiones unidas. Avisamos a quienes apoyan."))
        return redirect("participation:care")
    return render(request, "participation/merge.html", {"form": form, **present.merge_context(two["esta"], two["con"])})


@require_POST
@login_required
@for_moderators
@saying_why
def undo_merge(request: SignedIn, *, merge_id: int) -> HttpResponse:
    """Part two subjects again."""
    caring.undo_merge(merge=get_object_or_404(Merge, pk=merge_id), by=request.user.person, now=now())
    messages.success(request, _("Peticiones separadas."))
    return redirect("participation:care")


@require_POST
@login_required
@for_moderators
@saying_why
def name_receiver(request: SignedIn, *, answer_id: int) -> HttpResponse:
    """Say which institution of this site an answer meant."""
    receiver = Agency.objects.filter(code=one_line(request.POST.get("institucion", ""))).first()
    if receiver is None:
        messages.error(request, _("Elige la institución a la que corresponde."))
        return redirect("participation:care")
    answer = get_object_or_404(Answer, pk=answer_id, said=Answer.Said.TRANSFER)
    passing.name_receiver(answer=answer, receiver=receiver, by=request.user.person, now=now())
    messages.success(request, _("Derivada. Avisamos a quienes apoyan."))
    return redirect("participation:care")


@require_safe
@never_cache
@login_required
def priorities(request: SignedIn) -> HttpResponse:
    """What people ask of the visitor's agencies, by benefit, for those who design procedures."""
    agencies = agencies_where(request.user.person, AgencyCapability.DESIGN, local_date(now(), ZONE))
    if not agencies.exists():
        raise Http404
    return render(request, "participation/priorities.html", present.priorities_context(agencies))


@require_POST
@login_required
@saying_why
def move(request: SignedIn, *, code: str) -> HttpResponse:
    """Move a subject on the roadmap, with its public reason."""
    reason = one_line(request.POST.get("motivo", ""))
    if not reason:
        messages.error(request, _("Escribe el motivo: se publica junto con la etapa."))
        return redirect("participation:subject", code)
    roadmap.move(
        subject=subject_at(code), stage=request.POST.get("etapa", ""), reason=reason, by=request.user.person, now=now()
    )
    messages.success(request, _("Etapa publicada."))
    return redirect("participation:subject", code)
