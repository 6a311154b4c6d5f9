"""The citizen's path: pages of questions, review, signature. Every page works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.api import consume_intent, create_intent, powers_held
from accounts.models import Mandate, Person, SigningIntent
from documents.api import FilesUnavailable
from legaltime.api import now
from procedures.api import PageForm, offered_to_people
from procedures.models import Offering
from workflows import drafts, interrupted, pieces, powers, reuse, uploads
from workflows.access import correctable_by, own_cases
from workflows.commands import corrections, cosigning, filing
from workflows.cosigners import Signature
from workflows.errors import AlreadyFiled, CommandRefused, SolemnPowerNeeded, TooManyDrafts, TooManyFiles
from workflows.models import Draft
from workflows.presenting import filling as present
from workflows.queries import correction_to_answer
from workflows.trails import Sent
from workflows.versions import renewal
from workflows.views.linked import CONFLICT, SignedIn, own_day, signed_in_to_post, signed_in_to_write

PURPOSE = "workflows.file_application"
UNAUTHORISED = 401
ARRIVING = 202
WRONG = 422
TOO_MANY, UNAVAILABLE = 429, 503
_AnyView = Callable[..., HttpResponse]


def signed_in_script(view: _AnyView) -> _AnyView:
    """For what a page's script asks: 401 instead of the way to the provider, which a script cannot follow."""

    @wraps(view)
    def guarded(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponse(_("Tu sesión se cerró. Entra de nuevo para seguir."), status=UNAUTHORISED)
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@login_required
def begin(request: SignedIn, agency: str, code: str) -> HttpResponse:
    """Open a draft and go to its first page. By GET (the way back from signing in) an open one is continued."""
    moment = now()
    offering = offered_to_people(agency, code, own_day(), person_id=request.user.person.pk)
    if offering is None:
        raise Http404
    open_one = drafts.open_draft(offering=offering, by=request.user.person) if request.method == "GET" else None
    locale = get_language() or "es"
    try:
        power = _power(request, offering)
        draft = None if power else open_one
        draft = draft or drafts.begin(
            offering=offering, by=request.user.person, now=moment, locale=locale, mandate=power
        )
    except (TooManyDrafts, SolemnPowerNeeded) as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:ficha", agency, code)
    return redirect("workflows:page", draft.ref, 1)


def _power(request: SignedIn, offering: Offering) -> Mandate | None:
    """The power in force by which the person begins it for somebody else, as the ficha's button names it.

    Raises SolemnPowerNeeded.
    """
    wanted = request.POST.get("poder", "")
    if not wanted.isdecimal():
        return None
    held = powers_held(request.user.person, own_day(), offering.version.procedure.code)
    power: Mandate = get_object_or_404(held, pk=wanted)
    powers.check(request.user.person, power.grantor, offering.version, own_day())
    return power


@require_POST
@signed_in_to_post
def correct(request: SignedIn, ref: str) -> HttpResponse:
    """Open the draft that answers a correction."""
    case = get_object_or_404(own_cases(request.user.person), ref=ref)
    waiting = correction_to_answer(case)
    if not correctable_by(request.user.person).filter(pk=case.pk).exists():
        messages.error(request, _("La corrección la responde quien presentó la solicitud o quien la representa."))
        return redirect("workflows:case", ref)
    if waiting is None:
        messages.info(request, _("No hay nada que corregir en esta solicitud."))
        return redirect("workflows:case", ref)
    draft = drafts.begin_answer(task=waiting.task, by=request.user.person, now=now(), locale=get_language() or "es")
    return redirect("workflows:page", draft.ref, present.first_page_to_correct(draft))


@never_cache
@signed_in_to_write
def page(request: SignedIn, ref: str, page: int) -> HttpResponse:
    """Show one page of questions, or keep what was posted and go on."""
    draft = own_draft(request, ref)
    if draft.is_closed:
        return to_case(draft)
    if not 1 <= page <= present.page_count(draft):
        raise Http404
    asked = drafts.pages_asked(draft)
    if page not in asked:
        return redirect("workflows:page", ref, max((one for one in asked if one < page), default=asked[0]))
    if request.method == "POST":
        return _posted(request, draft, page)
    typed = interrupted.take(request)
    if typed is not None:
        form = drafts.page_form(draft, page, typed, interrupted.take_files(request), now=now())
        return _resumed(request, draft, page, form)
    if renewal.newer(draft, own_day()) is not None:
        return redirect("workflows:draft_changes", ref)
    return _show(request, draft, page, drafts.page_form(draft, page))


def _resumed(request: SignedIn, draft: Draft, page: int, form: PageForm) -> HttpResponse:
    """The page as it was sent when the session had closed, with its files."""
    _keep(draft, form)
    messages.info(request, _("Tu sesión se había cerrado. Lo que escribiste está aquí: revísalo y continúa."))
    return _show(request, draft, page, form)


def _posted(request: SignedIn, draft: Draft, page: int) -> HttpResponse:
    form = drafts.page_form(draft, page, request.POST, request.FILES, now=now())
    drafts.proofs_of(form).attend(form, request.POST, now())  # first: whether the page is right depends on it
    goes_on = not form.change and "salir" not in request.POST
    try:
        _keep(draft, form, drafts.sent(draft, page, form) if goes_on else None)
    except AlreadyFiled:
        return to_case(draft)
    except (TooManyFiles, FilesUnavailable) as refusal:
        messages.error(request, str(refusal))
        return _show(request, draft, page, form, status=_status_of(refusal))
    if form.change[:1] == ["use"]:
        return _used(draft, page, form)
    if "salir" in request.POST:
        messages.success(request, _("Guardamos tu borrador. Puedes seguir cuando quieras, en este u otro equipo."))
        return redirect(present.leaving(draft))
    if not present.may_go_on(draft, form):
        return _show(request, draft, page, form, status=WRONG if form.problems else 200)
    return redirect(present.after(draft, page, form, reviewing=present.is_reviewing(request.GET)))


def _keep(draft: Draft, form: PageForm, sent: Sent | None = None) -> None:
    uploads.keep_new_files(draft=draft, form=form, now=now())
    _keep_typed(draft, form, sent)


def _keep_typed(draft: Draft, form: PageForm, sent: Sent | None = None) -> None:
    answered, gone, half = form.cleaned_answers(), form.removed_answers(), form.half_typed()
    drafts.save(draft=draft, changed=answered, removed=gone, now=now(), sent=sent, typed=half)


def _used(draft: Draft, page: int, form: PageForm) -> HttpResponse:
    """Take over what an earlier application answered, and show the page with it."""
    name = form.change[-1]
    offered = reuse.earlier_answers(draft, [box.question for box in form.boxes if box.visible and box.name == name])
    if name in offered:
        drafts.save(draft=draft, changed={name: offered[name].answer}, removed=set(), now=now())
    return redirect(f"{reverse('workflows:page', args=[draft.ref, page])}#box-{quote(name)}")


def _status_of(refusal: TooManyFiles | FilesUnavailable) -> int:
    return TOO_MANY if isinstance(refusal, TooManyFiles) else UNAVAILABLE


def _show(request: SignedIn, draft: Draft, page: int, form: PageForm, status: int = 200) -> HttpResponse:
    context = present.page_context(draft, page, form, reviewing=present.is_reviewing(request.GET))
    return render(request, "workflows/filling/page.html", context, status=status)


@never_cache
@require_safe
@login_required
def exit_page(request: SignedIn, ref: str, page: int) -> HttpResponse:
    """Why the person cannot go on here, and what to do instead; back to the page when its answers changed."""
    draft = own_draft(request, ref)
    if draft.is_closed:
        return to_case(draft)
    way_out = drafts.page_form(draft, page, stored=True).exit if page in drafts.pages_asked(draft) else None
    if way_out is None:
        return redirect("workflows:page", ref, min(page, present.page_count(draft)))
    return render(request, "workflows/filling/exit.html", present.exit_context(draft, page, way_out))


@require_POST
@signed_in_script
def autosave(request: SignedIn, ref: str, page: int) -> HttpResponse:
    """Keep what is typed so far; answers with the questions that just opened or closed."""
    draft = own_draft(request, ref)
    form = drafts.page_form(draft, page, request.POST, now=now())
    try:
        _keep_typed(draft, form)
    except AlreadyFiled:
        return HttpResponseClientRedirect(to_case(draft).url)
    return render(request, "workflows/filling/autosaved.html", present.saved_context(form, now()))


@require_POST
@signed_in_script
def upload(request: SignedIn, ref: str, page: int) -> HttpResponse:
    """Store one file as soon as it is chosen, whole or in pieces; the page's own POST does it without JavaScript."""
    draft = own_draft(request, ref)
    form, chosen = drafts.page_form(draft, page), request.FILES.get("file")
    if chosen is None:
        raise Http404
    if draft.is_closed:
        return HttpResponse(str(AlreadyFiled()), status=CONFLICT)
    try:
        if "offset" in request.POST:
            return _piece(request, draft, form, chosen)
        return _whole(request, draft, form, chosen)
    except (KeyError, pieces.BadPiece) as error:
        raise Http404 from error
    except TooManyFiles as refusal:
        return HttpResponse(str(refusal), status=TOO_MANY)


def _piece(request: SignedIn, draft: Draft, form: PageForm, piece: Any) -> HttpResponse:
    """Keep a piece of a file. The first one tells already whether the file will be admitted."""
    question, size, data = request.POST.get("question", ""), request.POST.get("size", ""), piece.read()
    name = request.POST.get("name", piece.name)
    is_first = request.POST["offset"] == "0" and size.isdecimal() and len(size) < 12
    if is_first and not form.check_file(question, pieces.announced(name, data, int(size))):
        return render(request, "fields/box.html", {"box": form.box(question)}, status=WRONG)
    arrived = pieces.add(draft=draft, posted=request.POST, data=data, now=now())
    if str(arrived) != size:
        return JsonResponse({"received": arrived}, status=ARRIVING)
    with pieces.join(draft=draft, posted=request.POST, name=name) as whole:
        return _whole(request, draft, form, whole)


def _whole(request: SignedIn, draft: Draft, form: PageForm, chosen: Any) -> HttpResponse:
    question = request.POST.get("question", "")
    accepted = form.check_file(question, chosen)
    if accepted:
        form.keep_file(question, uploads.keep(draft=draft, name=question, upload=chosen, now=now()))
        drafts.save(draft=draft, changed=form.cleaned_answers(), removed=set(), now=now())
    return render(request, "fields/box.html", {"box": form.box(question)}, status=200 if accepted else WRONG)


@never_cache
@login_required
def review(request: SignedIn, ref: str) -> HttpResponse:
    """All answers before signing; each can be changed."""
    draft = own_draft(request, ref)
    if draft.is_closed:
        return to_case(draft)
    if renewal.newer(draft, own_day()) is not None:
        return redirect("workflows:draft_changes", ref)
    try:
        given = drafts.complete_answers(draft, now())
    except drafts.Incomplete as missing:
        if "seguir" not in request.GET:  # whoever goes on with a draft knows that it is not finished
            messages.warning(request, str(missing))
        return redirect("workflows:page", ref, missing.page)
    return render(request, "workflows/filling/review.html", present.review_context(draft, given))


@never_cache
@login_required
def sign(request: SignedIn, ref: str) -> HttpResponse:
    """Declare and sign: the signature is a fresh sign-in bound to exactly what this page shows."""
    draft = own_draft(request, ref)
    if draft.is_closed:
        return to_case(draft)
    if renewal.newer(draft, own_day()) is not None:
        return redirect("workflows:draft_changes", ref)
    try:
        given = drafts.complete_answers(draft, now())
    except drafts.Incomplete as missing:
        return redirect("workflows:page", ref, missing.page)
    if draft.is_at_counter:
        return redirect("workflows:counter_paper", draft.attendance_id, ref)
    shown = drafts.shown_hash(draft, given)
    if request.method != "POST":
        return render(request, "workflows/filling/sign.html", present.sign_context(draft, given, shown))
    problem = present.signing_problem(request.POST, shown)
    if problem:
        context = present.sign_context(draft, given, shown, problem)
        return render(request, "workflows/filling/sign.html", context, status=WRONG)
    return to_fresh_sign_in(request, draft, shown)


def to_fresh_sign_in(request: SignedIn, draft: Draft, shown: str, purpose: str = PURPOSE) -> HttpResponse:
    """On to sign in afresh, with an intent bound to what was shown."""
    moment = now()
    intent = create_intent(
        user=request.user,
        purpose=purpose,
        subject=draft.ref,
        shown_sha256=shown,
        facts={"declared_at": moment.isoformat(), "button": _("Firmar y enviar"), "locale": draft.locale},
        now=moment,
    )
    back = urlencode({"next": request.path if purpose != PURPOSE else reverse("workflows:review", args=[draft.ref])})
    return redirect(f"{reverse('accounts:confirm', args=[intent.nonce])}?{back}")


def filing_confirmed(request: HttpRequest, intent: SigningIntent) -> HttpResponse:
    """Continuation after the fresh sign-in: file the application or the answer to a correction, once."""
    draft = get_object_or_404(_drafts(), ref=intent.subject, person=intent.user.person)
    try:
        with transaction.atomic():
            return redirect(_file(request, draft, intent.user.person, consume_intent(intent=intent, now=now())))
    except AlreadyFiled:
        return to_case(draft)
    except CommandRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("workflows:review", draft.ref)


def _file(request: HttpRequest, draft: Draft, person: Person, intent: SigningIntent) -> str:
    """File it, or wait for the others who sign; where the person goes on."""
    if draft.task is None:
        case = cosigning.sign_first(draft=draft, by=person, intent=intent, now=now())
        return reverse("workflows:case" if case else "workflows:cosigners", args=[draft.ref])
    corrections.answer_correction(draft=draft, by=person, signature=Signature(intent), now=now())
    waiting = correction_to_answer(draft.task.process)
    said = _("Recibimos tu corrección. Tu solicitud sigue su camino y te avisamos de lo que venga.")
    if waiting is not None and waiting.is_late:  # the page itself says when it came, and that somebody decides about it
        said = _("Recibimos tu respuesta. Te avisamos de lo que se decida.")
    messages.success(request, said)
    return reverse("workflows:case", args=[draft.task.process.ref])


@require_POST
@signed_in_to_post
def speak(request: SignedIn, ref: str, page: int) -> HttpResponse:
    """Ask the questions in another language of the procedure."""
    draft = own_draft(request, ref)
    locale = request.POST.get("locale", "")
    if locale in dict(present.language_choices(draft)):
        drafts.speak(draft=draft, locale=locale)
    return redirect("workflows:page", ref, page)


@require_POST
@signed_in_to_post
def discard(request: SignedIn, ref: str) -> HttpResponse:
    """Delete an unfinished draft, also one that the person may no longer read."""
    draft = get_object_or_404(_drafts(), ref=ref, person=request.user.person)
    try:
        filing.discard(draft=draft, by=request.user.person, now=now())
    except AlreadyFiled:
        return to_case(draft)
    messages.success(request, _("Borramos el borrador."))
    return redirect("workflows:my_cases")


def own_draft(request: SignedIn, ref: str) -> Draft:
    """The signed-in person's draft, or 404: another's draft does not exist for them.

    PermissionDenied, saying why, when they may no longer read whose answers it holds.
    """
    draft: Draft = get_object_or_404(_drafts(), ref=ref, person=request.user.person)
    refusal = powers.kept_from(draft, own_day())
    if refusal:
        raise PermissionDenied(refusal)
    drafts.follow_page(draft)
    return draft


def _drafts() -> Any:
    return Draft.objects.select_related(
        "version", "agency", "offering", "task__process__version", "attendance__person", "mandate__grantor_person"
    )


def to_case(draft: Draft) -> HttpResponseRedirect:
    """Where a draft that was filed, or that others are signing, lives on."""
    if draft.is_at_counter:
        return HttpResponseRedirect(present.leaving(draft))
    draft.refresh_from_db(fields=["filed_at", "signing_since"])
    if draft.filed_at is None and draft.signing_since is not None:
        return HttpResponseRedirect(reverse("workflows:cosigners", args=[draft.ref]))
    ref = draft.task.process.ref if draft.task else draft.ref
    return HttpResponseRedirect(reverse("workflows:case", args=[ref]))
