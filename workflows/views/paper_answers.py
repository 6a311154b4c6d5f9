"""The counter's pages about a correction that a person answers on paper (Ley 19.880 art. 31)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from legaltime.api import now
from procedures.api import problems_of
from workflows import operations
from workflows.access import correctable_by
from workflows.commands import overlooked as keeping
from workflows.commands import paper_answers as commands
from workflows.downloads import pdf_response
from workflows.errors import CommandRefused
from workflows.models import Attendance, Case
from workflows.paper_forms import OverlookedPaperForm
from workflows.papers import OnPaper
from workflows.presenting import filling
from workflows.presenting import paper_answers as present
from workflows.presenting.desk_step import OK, UNPROCESSABLE
from workflows.uploads import keep_paper
from workflows.views.counter import own_attendance
from workflows.views.linked import SignedIn, own_day, signed_in_to_post


@require_POST
@signed_in_to_post
def find(request: SignedIn, attendance_id: int) -> HttpResponse:
    """From the N° on the paper to the correction that it answers, or why it is not brought here."""
    here = own_attendance(request, attendance_id)
    number = request.POST.get("number", "").strip()[:30]
    try:
        case = commands.find(attendance=here, number=number)
    except CommandRefused as refusal:
        messages.error(request, f"N° {number}: {refusal}" if number else str(refusal))
        return redirect("workflows:counter_attendance", here.pk)
    return redirect("workflows:counter_correction", here.pk, case.ref)


def _theirs(request: SignedIn, attendance_id: int, ref: str) -> tuple[Attendance, Case]:
    """Whom the official attends, and a case that this person may correct; else 404."""
    here = own_attendance(request, attendance_id)
    mine = correctable_by(here.person).select_related("agency", "version", "file")
    return here, get_object_or_404(mine, ref=ref)


@never_cache
@login_required
def correction(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """What the person was asked to correct; a POST opens the questions to type the answers."""
    here, case = _theirs(request, attendance_id, ref)
    try:
        waiting = commands.asked(attendance=here, case=case)
        operations.record_access(case=case, person=request.user.person, membership=here.membership, now=now())
        if request.method != "POST":
            return render(request, "workflows/counter/correction.html", present.asked_context(here, case, waiting))
        draft = commands.begin(
            attendance=here, case=case, by=request.user.person, now=now(), locale=get_language() or "es"
        )
    except commands.NothingToCorrect as refusal:
        return _decided(request, here, case, refusal)
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:counter_attendance", here.pk)
    return redirect("workflows:page", draft.ref, filling.first_page_to_correct(draft))


def _decided(request: SignedIn, here: Attendance, case: Case, refusal: CommandRefused) -> HttpResponse:
    """To where the paper is kept, if a correction was asked once; else why it is not brought here."""
    try:
        keeping.decided(attendance=here, case=case)
    except CommandRefused:
        messages.error(request, str(refusal))
        return redirect("workflows:counter_attendance", here.pk)
    return redirect("workflows:counter_overlooked", here.pk, case.ref)


@never_cache
@login_required
def overlooked(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """Keep a paper whose correction was decided before anybody typed it."""
    here, case = _theirs(request, attendance_id, ref)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = OverlookedPaperForm(*data, label=_("Papel firmado, digitalizado"), zone=case.agency.time_zone, now=now())
    try:
        task = keeping.decided(attendance=here, case=case)
        refusal = _kept(request, here, case, form) if form.is_bound and form.is_valid() else None
    except commands.NothingToCorrect:
        return redirect("workflows:counter_correction", here.pk, case.ref)
    except CommandRefused as why:
        messages.error(request, str(why))
        return redirect("workflows:counter_attendance", here.pk)
    if form.is_bound and form.is_valid() and refusal is None:
        return redirect("workflows:counter_attendance", here.pk)
    operations.record_access(case=case, person=request.user.person, membership=here.membership, now=now())
    context = {**present.overlooked_context(here, case, task), "form": form, "errors": problems_of(form, refusal)}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "workflows/counter/overlooked.html", context, status=status)


def _kept(request: SignedIn, here: Attendance, case: Case, form: OverlookedPaperForm) -> CommandRefused | None:
    """What refused the paper; None when it was kept. Raises NothingToCorrect where it is answered otherwise by now."""
    paper = OnPaper(keep_paper(form.cleaned_data["paper"], now=now()), form.received_at)
    try:
        keeping.keep(attendance=here, case=case, paper=paper, by=request.user.person, on=own_day(), now=now())
    except commands.NothingToCorrect:
        raise
    except CommandRefused as refusal:
        return refusal
    messages.success(request, _("El papel quedó en el expediente, con la hora en que lo recibiste."))
    return None


@require_safe
@never_cache
@login_required
def overlooked_receipt(request: SignedIn, attendance_id: int, paper_id: int) -> HttpResponse:
    """The receipt of such a paper, to print; no other document of the case opens here."""
    here = own_attendance(request, attendance_id)
    paper = get_object_or_404(here.overlooked_papers.select_related("receipt"), pk=paper_id)
    return pdf_response(paper.receipt, person=request.user.person, through="counter", now=now())


@require_safe
@never_cache
@login_required
def receipt(request: SignedIn, attendance_id: int, answer_id: int) -> HttpResponse:
    """The receipt of an answer, to print; no other document of the case opens here."""
    here = own_attendance(request, attendance_id)
    answer = get_object_or_404(here.answers.select_related("receipt"), pk=answer_id)
    return pdf_response(answer.receipt, person=request.user.person, through="counter", now=now())
