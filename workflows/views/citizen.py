"""Citizens' pages: my procedures, the case with its receipt and tracking."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from legaltime.api import now
from workflows import drafts, operations
from workflows.access import filed_by, own_cases
from workflows.downloads import pdf_response
from workflows.models import Case, Deadline
from workflows.presenting import citizen as present
from workflows.presenting.cosigning import invitations
from workflows.presenting.course import list_context
from workflows.presenting.explaining import explain_context
from workflows.presenting.papers import visible_documents
from workflows.queries import cases_of_citizen
from workflows.transfer import copy_for_person
from workflows.views.linked import SignedIn
from workflows.withholding import withheld


@require_safe
@never_cache
@login_required
def my_cases(request: SignedIn) -> HttpResponse:
    """The person's drafts and cases."""
    person = request.user.person
    context = {
        "drafts": present.draft_rows(drafts.open_drafts(person)),
        "invitations": invitations(person),
        "cases": present.case_rows(list(cases_of_citizen(person)[:100]), person),
        "attended": present.attended_rows(person),
    }
    return render(request, "workflows/citizen/my_cases.html", context)


@require_safe
@never_cache
@login_required
def case(request: SignedIn, ref: str) -> HttpResponse:
    """Receipt right after filing, tracking page for ever after: one address."""
    found = own_case(request, ref)
    operations.record_access(case=found, person=request.user.person, membership=None, now=now())
    return render(request, "workflows/citizen/case.html", present.case_context(found, request.user.person, now()))


@require_safe
@never_cache
@login_required
def document(request: SignedIn, ref: str, document_id: int) -> HttpResponse:
    """One document of the person's own case."""
    found = own_case(request, ref)
    kept_back = withheld(found, request.user.person)
    wanted = get_object_or_404(visible_documents(found, kept_back), pk=document_id)
    is_own = filed_by(found, request.user.person)
    return pdf_response(wanted, person=request.user.person, through="citizen", now=now(), is_own=is_own)


@require_GET
@never_cache
@login_required
def download_all(request: SignedIn, ref: str) -> HttpResponse:
    """ "Descargar todo": the person's own copy of the file."""
    found = own_case(request, ref)
    return copy_for_person(found, person=request.user.person, now=now())


@require_safe
@never_cache
@login_required
def why_this_date(request: SignedIn, ref: str, deadline_id: int) -> HttpResponse:
    """ "¿Por qué esta fecha?": how a legal date was counted."""
    found = own_case(request, ref)
    clock = get_object_or_404(Deadline, case=found, pk=deadline_id)
    page = present.why_context(found, clock, request.user.person)
    return render(request, "workflows/citizen/why_this_date.html", page)


@require_safe
@never_cache
@login_required
def why(request: SignedIn, ref: str) -> HttpResponse:
    """ "¿Por qué?": what the person's own answers decided, their dates, and every step with how the case stands."""
    found = own_case(request, ref)
    context = {**explain_context(found, request.user.person, at=now()), **list_context(found)}
    return render(request, "workflows/citizen/why.html", context)


def own_case(request: SignedIn, ref: str) -> Case:
    """A case of the signed-in person, or 404: another's case does not exist for them."""
    cases = own_cases(request.user.person).select_related("agency", "version__procedure__owner", "offering", "file")
    return get_object_or_404(cases, ref=ref)
