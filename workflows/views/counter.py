"""The counter: an official of an adhering office files for a person who is there (DS4 art. 30)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from documents.models import Document
from legaltime.api import now
from procedures.api import offered_to_people, problems_of
from signatures.api import TooManyAttempts
from workflows import drafts, uploads
from workflows.access import attendances_of, filed_at_counter
from workflows.commands import counter as commands
from workflows.commands import overlooked as keeping
from workflows.commands import paper_answers as answering
from workflows.downloads import pdf_response
from workflows.errors import AlreadyFiled, CommandRefused, NotAllowed, TaskFinished, TooManyFiles
from workflows.forms import AttendForm
from workflows.models import Attendance, Draft
from workflows.panels import attendance_panels
from workflows.paper_forms import AnswerPaperForm, PaperForm
from workflows.papers import NotReceivedThen, OnPaper
from workflows.phone import operations as phone
from workflows.phone.forms import CallForm
from workflows.presenting import counter as present
from workflows.presenting.desk_step import OK, UNPROCESSABLE
from workflows.presenting.exemptions import counter_context
from workflows.views.linked import SignedIn, own_day, signed_in_to_post


@never_cache
@login_required
def home(request: SignedIn) -> HttpResponse:
    """Whom the official attends now, and whom they attended today."""
    _at_counter(request)
    form = AttendForm(request.POST if request.method == "POST" else None, auto_id="id-%s")
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            begun = commands.attend(**form.cleaned_data, by=request.user.person, on=own_day(), now=now())
            return redirect("workflows:counter_attendance", begun.pk)
        except CommandRefused as error:
            refusal = str(error)
    errors = problems_of(form, refusal, at="id-given_names")
    context = {**present.home_context(request.user.person), "form": form, "errors": errors}
    return render(request, "workflows/counter/home.html", context, status=UNPROCESSABLE if errors else OK)


@never_cache
@login_required
def call(request: SignedIn) -> HttpResponse:
    """Who calls, and the questions that prove it: what they answered is compared and not kept."""
    _at_counter(request)
    form = CallForm(request.POST if request.method == "POST" else None, auto_id="id-%s")
    refusal = ""
    if form.is_bound and form.is_valid():
        named = {name: form.cleaned_data[name] for name in ("run", "given_names", "family_names")}
        try:
            begun = phone.answer_call(**named, told=form.told(), by=request.user.person, on=own_day(), now=now())
            return redirect("workflows:counter_attendance", begun.pk)
        except (CommandRefused, TooManyAttempts) as error:
            refusal = str(error)
    errors = problems_of(form, refusal, at="id-given_names")
    context = {**present.call_context(form), "errors": errors}
    return render(request, "workflows/counter/call.html", context, status=UNPROCESSABLE if errors else OK)


def _at_counter(request: SignedIn) -> None:
    if commands.counter_post(request.user.person, own_day()) is None:
        raise PermissionDenied


def own_attendance(request: SignedIn, attendance_id: int) -> Attendance:
    """An attendance of the signed-in official, or 404."""
    _at_counter(request)
    found: Attendance = get_object_or_404(attendances_of(request.user.person), pk=attendance_id)
    return found


@require_safe
@never_cache
@login_required
def attendance(request: SignedIn, attendance_id: int) -> HttpResponse:
    """What is being done for the person: procedures to begin, drafts, and what was filed with what to say of it."""
    found = own_attendance(request, attendance_id)
    context = present.attendance_context(found, request.GET.get("q", "").strip()[:200])
    if found.ended_at is None and found.is_identified:
        context |= counter_context(found.person, found.agency, own_day())
    context["panels"] = attendance_panels(request, found)
    return render(request, "workflows/counter/attendance.html", context)


@require_POST
@signed_in_to_post
def begin(request: SignedIn, attendance_id: int, agency: str, code: str) -> HttpResponse:
    """Open a draft for the person, of a procedure of any agency."""
    found = own_attendance(request, attendance_id)
    office = found.membership.role.unit_id
    offering = offered_to_people(agency, code, own_day(), person_id=found.person_id, unit_id=office)
    if offering is None:
        raise Http404
    try:
        draft = commands.begin(attendance=found, offering=offering, now=now())
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:counter_attendance", found.pk)
    return redirect("workflows:page", draft.ref, 1)


@require_POST
@signed_in_to_post
def take_up(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """Go on with a draft that the person began."""
    found = own_attendance(request, attendance_id)
    draft = get_object_or_404(Draft, ref=ref, person=found.person)
    try:
        commands.take_up(draft=draft, attendance=found, by=request.user.person, now=now())
    except NotAllowed as refusal:
        raise Http404 from refusal
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:counter_attendance", found.pk)
    return redirect("workflows:page", ref, 1)


@never_cache
@login_required
def paper(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """What the person reads and signs by hand, and the scan that files it; or the way to sign with ClaveÚnica."""
    draft = _draft(request, attendance_id, ref)
    if draft.filed_at is not None:
        return redirect("workflows:counter_attendance", attendance_id)
    try:
        given = drafts.complete_answers(draft, now())
    except drafts.Incomplete as missing:
        return redirect("workflows:page", ref, missing.page)
    form = _paper_form(request, draft)
    refusal: NotReceivedThen | None = None
    if form.is_bound and form.is_valid():
        try:
            return _file(request, draft, form)
        except NotReceivedThen as error:
            refusal = error
    errors = problems_of(form, refusal, at="id-day")
    context = {**present.paper_context(draft, given), "form": form, "errors": errors}
    return render(request, "workflows/counter/paper.html", context, status=UNPROCESSABLE if form.is_bound else OK)


def _paper_form(request: SignedIn, draft: Draft) -> PaperForm:
    """The form of what was signed by hand; a good scan is kept at once, so that nothing else wrong loses it."""
    kept, data = uploads.kept_scan(draft), (request.POST, request.FILES) if request.method == "POST" else ()
    if draft.task_id is not None:
        zone, label = draft.agency.time_zone, _("Respuesta firmada, digitalizada")
        form: PaperForm = AnswerPaperForm(*data, label=label, zone=zone, now=now())
    else:
        form = PaperForm(*data, label=_("Solicitud firmada, digitalizada"))
    if kept is not None:
        form.has_already(kept.name)
    scan = form.new_scan()
    if scan is not None and not draft.is_closed:
        try:
            uploads.keep_scan(draft=draft, upload=scan, now=now())
        except TooManyFiles as refusal:
            form.add_error("paper", str(refusal))
        else:
            form.has_already(scan.name)
    return form


def _file(request: SignedIn, draft: Draft, form: PaperForm) -> HttpResponse:
    """File what was signed by hand. Raises NotReceivedThen, for the form to say it."""
    kept, by = uploads.kept_scan(draft), request.user.person
    assert kept is not None, "a form without a scan is not valid"
    try:
        if isinstance(form, AnswerPaperForm):
            paper = OnPaper(kept.blob, form.received_at)
            answering.answer(draft=draft, paper=paper, by=by, on=own_day(), now=now())
        else:
            commands.file_signed_on_paper(draft=draft, paper=kept.blob, by=by, now=now())
    except AlreadyFiled:
        messages.info(request, _("Esta solicitud ya estaba presentada."))
    except TaskFinished:
        assert isinstance(form, AnswerPaperForm), "only an answer is of a step"
        return _keep(request, draft, OnPaper(kept.blob, form.received_at))
    except NotReceivedThen:
        raise
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:counter_attendance" if draft.task_id else "workflows:review", _back_to(draft))
    return redirect("workflows:counter_attendance", draft.attendance_id)


ANSWERED_MEANWHILE = gettext_lazy(
    "Mientras lo escribías, la persona respondió. El papel quedó agregado al expediente, con la hora en que lo "
    "recibiste, y avisamos a quien resuelve."
)
DECIDED_MEANWHILE = gettext_lazy(
    "Mientras lo escribías se resolvió sin él. El papel quedó en el expediente, con la hora en que lo recibiste, y "
    "avisamos a quien debe decir qué se hace."
)


def _keep(request: SignedIn, draft: Draft, paper: OnPaper) -> HttpResponse:
    """It was decided while the official typed: what the person handed over is kept all the same."""
    assert draft.attendance is not None
    assert draft.task is not None
    by, case = request.user.person, draft.task.process
    try:
        kept = keeping.keep(attendance=draft.attendance, case=case, paper=paper, by=by, on=own_day(), now=now())
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
    else:
        text = ANSWERED_MEANWHILE if kept.outcome == keeping.Outcome.ADDED else DECIDED_MEANWHILE
        messages.warning(request, str(text))
    return redirect("workflows:counter_attendance", draft.attendance_id)


def _back_to(draft: Draft) -> int | str | None:
    return draft.attendance_id if draft.task_id else draft.ref


def _draft(request: SignedIn, attendance_id: int, ref: str) -> Draft:
    related = ("version", "agency", "offering", "attendance__person", "attendance__agency", "mandate", "task__process")
    found = Draft.objects.select_related(*related)
    draft: Draft = get_object_or_404(
        found, ref=ref, attendance=own_attendance(request, attendance_id), person=request.user.person
    )
    return draft


@require_POST
@signed_in_to_post
def hand_over(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """Give the draft to the person, who signs it with their own ClaveÚnica."""
    try:
        draft = _draft(request, attendance_id, ref)
        commands.hand_over(draft=draft, by=request.user.person, now=now())
        messages.success(request, present.handed_over(draft))
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("workflows:counter_attendance", attendance_id)


@require_safe
@never_cache
@login_required
def receipt(request: SignedIn, attendance_id: int, ref: str) -> HttpResponse:
    """The receipt to print; no other document of the case opens here."""
    found = own_attendance(request, attendance_id)
    case = get_object_or_404(filed_at_counter(found), ref=ref)
    receipts = Document.objects.filter(file_id=case.file_id, kind=Document.Kind.RECEIPT).order_by("pk")
    wanted = get_object_or_404(receipts[:1])
    return pdf_response(wanted, person=request.user.person, through="counter", now=now())


@require_POST
@signed_in_to_post
def end(request: SignedIn, attendance_id: int) -> HttpResponse:
    """End the attendance: the next person sees nothing of this one."""
    commands.end(attendance=own_attendance(request, attendance_id), now=now())
    messages.success(request, _("Atención terminada."))
    return redirect("workflows:counter")
