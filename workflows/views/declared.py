"""Applying without signing in: the questions, the review with its button, and the case by its number and code."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents.api import FilesUnavailable
from legaltime.api import now
from procedures.api import PageForm, offered_to_people
from signatures.api import TooManyAttempts, count_attempt, network_of
from workflows import declared, drafts, uploads
from workflows.downloads import pdf_response
from workflows.errors import AlreadyFiled, CommandRefused, TooManyFiles
from workflows.models import Case, Channel, Draft
from workflows.presenting import declared as present
from workflows.presenting.filling import is_reviewing, page_count
from workflows.presenting.papers import visible_documents
from workflows.queries import correction_to_answer
from workflows.views.linked import own_day

WRONG, TOO_MANY = 422, 429


@require_POST
def begin(request: HttpRequest, agency: str, code: str) -> HttpResponse:
    """Open a draft that this browser holds, and go to its first page."""
    offering = offered_to_people(agency, code, own_day())
    if offering is None or not declared.law_of(offering):
        raise Http404
    moment = now()
    try:
        count_attempt(declared.BEGUN, network_of(request), moment)
    except TooManyAttempts as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:ficha", agency, code)
    draft = declared.begin(offering=offering, now=moment, locale=get_language() or "es")
    declared.hold(request, draft.ref)
    return redirect("workflows:declared_page", draft.ref, 1)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, ref: str, page: int) -> HttpResponse:
    """Show one page of questions, or keep what was posted and go on."""
    draft = _draft(request, ref)
    if draft.filed_at is not None:
        return _to_case(draft)
    if not 1 <= page <= page_count(draft):
        raise Http404
    if page not in drafts.pages_asked(draft):
        return redirect("workflows:declared_page", ref, drafts.pages_asked(draft)[0])
    if request.method == "POST":
        return _posted(request, draft, page)
    return _show(request, draft, page, drafts.page_form(draft, page))


def _posted(request: HttpRequest, draft: Draft, page: int) -> HttpResponse:
    form, moment = drafts.page_form(draft, page, request.POST, request.FILES, now=now()), now()
    try:
        uploads.keep_new_files(draft=draft, form=form, now=moment)
        drafts.save(
            draft=draft,
            changed=form.cleaned_answers(),
            removed=form.removed_answers(),
            now=moment,
            typed=form.half_typed(),
        )
    except AlreadyFiled:
        return _to_case(draft)
    except (TooManyFiles, FilesUnavailable) as refusal:
        messages.error(request, str(refusal))
        return _show(request, draft, page, form, status=TOO_MANY)
    drafts.proofs_of(form).attend(form, request.POST, moment)
    if not form.is_valid():
        return _show(request, draft, page, form, status=WRONG if form.problems else 200)
    return redirect(present.after(draft, page, reviewing=is_reviewing(request.GET)))


def _show(request: HttpRequest, draft: Draft, page: int, form: PageForm, status: int = 200) -> HttpResponse:
    context = present.page_context(draft, page, form, reviewing=is_reviewing(request.GET))
    return render(request, "workflows/declared/page.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, ref: str) -> HttpResponse:
    """All answers before sending; the button sends exactly what is shown."""
    draft = _draft(request, ref)
    if draft.filed_at is not None:
        return _to_case(draft)
    try:
        given = drafts.complete_answers(draft, now())
    except drafts.Incomplete as missing:
        messages.warning(request, str(missing))
        return redirect("workflows:declared_page", ref, missing.page)
    if request.method == "POST":
        return _sent(request, draft, given)
    return render(request, "workflows/declared/review.html", present.review_context(draft, given))


def _sent(request: HttpRequest, draft: Draft, given: dict[str, Any]) -> HttpResponse:
    if request.POST.get("shown") != drafts.shown_hash(draft, given):
        problem = _("Tus respuestas cambiaron en otra ventana. Léelas de nuevo antes de enviar.")
        return _again(request, draft, given, problem, WRONG)
    try:
        count_attempt(declared.FILED, network_of(request), now())
        if address := declared.address_of(draft, given):
            count_attempt(declared.ADDRESSED, address.lower(), now())
        case = declared.file(draft=draft, now=now())
    except AlreadyFiled:
        return _to_case(draft)
    except TooManyAttempts as refusal:
        return _again(request, draft, given, str(refusal), TOO_MANY)
    except CommandRefused as refusal:
        return _again(request, draft, given, str(refusal), WRONG)
    declared.hold(request, case.ref)
    return redirect("workflows:declared_case", case.ref)


def _again(request: HttpRequest, draft: Draft, given: dict[str, Any], problem: str, status: int) -> HttpResponse:
    context = present.review_context(draft, given, problem)
    return render(request, "workflows/declared/review.html", context, status=status)


@never_cache
@require_safe
def case(request: HttpRequest, ref: str) -> HttpResponse:
    """The number and the code after filing, and later where it stands and what was issued."""
    return render(request, "workflows/declared/case.html", present.case_context(_case(request, ref), now()))


@never_cache
@require_safe
def document(request: HttpRequest, ref: str, document_id: int) -> HttpResponse:
    """One document of the case."""
    found = _case(request, ref)
    wanted = get_object_or_404(visible_documents(found, present.kept_back(found)), pk=document_id)
    person = found.parties.select_related("person").earliest("pk").person
    return pdf_response(wanted, person=person, through="citizen", now=now())


@require_POST
def correct(request: HttpRequest, ref: str) -> HttpResponse:
    """Open the draft that answers a correction."""
    found = _case(request, ref)
    waiting = correction_to_answer(found)
    person = found.parties.select_related("person").earliest("pk").person
    if waiting is None or person is None:
        messages.info(request, _("No hay nada que corregir en esta solicitud."))
        return redirect("workflows:declared_case", ref)
    draft = drafts.begin_answer(task=waiting.task, by=person, now=now(), locale=get_language() or "es")
    declared.hold(request, draft.ref)
    return redirect("workflows:declared_page", draft.ref, 1)


def _draft(request: HttpRequest, ref: str) -> Draft:
    """A draft that this browser holds, or 404: another's does not exist for it."""
    if not declared.is_held(request, ref):
        raise Http404
    found = Draft.objects.select_related("version__procedure", "agency", "offering", "task__process__version", "person")
    draft: Draft = get_object_or_404(found, ref=ref, person__document_kind="declared")
    return draft


def _case(request: HttpRequest, ref: str) -> Case:
    """A case that this browser holds, or 404."""
    if not declared.is_held(request, ref):
        raise Http404
    cases = Case.objects.select_related("agency", "version__procedure__owner", "offering", "file")
    found: Case = get_object_or_404(cases, ref=ref, channel=Channel.DECLARED)
    return found


def _to_case(draft: Draft) -> HttpResponse:
    return redirect("workflows:declared_case", draft.task.process.ref if draft.task else draft.ref)
