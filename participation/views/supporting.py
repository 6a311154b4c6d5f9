"""Supporting, taking back, telling what it costs, and what else only supporters do."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import SignInRecord, User
from legaltime.api import local_date, now
from participation.errors import TooMany
from participation.forms import EmailForm, EvidenceForm
from participation.models import Merge, Subject, Support
from participation.operations import addresses, answering, caring, supporting, tallying
from participation.operations.exposing import record_knew
from participation.presenting.mine import mine_context
from participation.presenting.subject import KNEW, panel_context
from participation.queries.answers import contestable
from participation.queries.carrying import carried_support_of
from participation.queries.finding import subject_at
from participation.queries.powers import ZONE, voice_of
from participation.queries.subjects import support_of
from participation.views.linked import SignedIn, person_of, saying_why, signed_in_to_post, to_sign_in, way_back
from signatures.api import Limit, TooManyAttempts, count_attempt, network_of

KNOWING = Limit("participation.knew", 60, 60)
"""Answers to "¿sabías que se puede en línea?" that one network gives in an hour: nobody else says who answers."""


@require_http_methods(["GET", "POST"])
@never_cache
@saying_why
def support(request: HttpRequest, *, code: str) -> HttpResponse:
    """POST gives the support; GET, where the identity provider sends people back to, asks once more."""
    path, kind = request.path, request.POST.get("pido", request.GET.get("pido", ""))
    if not isinstance(request.user, User):
        return to_sign_in(path, pido=kind, volver=request.POST.get("volver", ""))
    subject = subject_at(code)
    if request.method == "GET":
        back = request.GET.get("volver", "")
        context = {**panel_context(subject, request.user.person, back), "kind": kind}
        return render(request, "participation/confirm.html", context)
    given = supporting.Given(provider=supporting.provider_of(_issuer(request.user)))
    supporting.support_stored(subject=subject, kind=kind, by=request.user.person, given=given, now=now())
    return way_back(request, code, "#apoyar")


def _issuer(user: User) -> str:
    """Who vouched for the person at the latest sign-in."""
    record = SignInRecord.objects.filter(user=user).order_by("-at").first()
    return record.issuer if record else ""


@require_POST
@signed_in_to_post
@saying_why
def withdraw(request: SignedIn, *, code: str) -> HttpResponse:
    """Take the support back."""
    subject = _subject(code)
    if supporting.withdraw(subject=subject, by=request.user.person, now=now()):
        messages.success(request, _("Retiraste tu apoyo a «%(title)s».") % {"title": subject.title})
    return way_back(request, code, "#apoyar")


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
@saying_why
def evidence(request: SignedIn, *, code: str) -> HttpResponse:
    """Four optional questions: what the procedure costs this supporter today."""
    subject = _subject(code)
    held = _own_support(request, subject)
    form = EvidenceForm(request.POST if request.method == "POST" else None, initial=EvidenceForm.initial_of(held))
    if request.method == "POST" and form.is_valid():
        kept = supporting.give_evidence(support=held, told=form.told(), now=now())
        lives = supporting.declare_residence(
            person=request.user.person, commune=form.cleaned_data["commune"], now=now()
        )
        if kept or lives or "commune" in form.changed_data:
            messages.success(request, _("Guardamos lo que contaste. Gracias."))
        else:
            messages.info(request, _("No contaste nada esta vez. Puedes hacerlo cuando quieras."))
        return redirect(reverse("participation:subject", args=[code]) + "#costo")
    status = 422 if form.errors else 200
    return render(request, "participation/evidence.html", {"subject": subject, "form": form}, status=status)


@require_safe
@never_cache
@login_required
def receipt(request: SignedIn, *, code: str) -> HttpResponse:
    """The supporter's own place in the published tally."""
    subject = _subject(code)
    found = tallying.receipt_of(_own_support(request, subject))
    return render(request, "participation/receipt.html", {"subject": subject, "receipt": found})


@require_safe
@never_cache
@login_required
def receipt_json(request: SignedIn, *, code: str) -> HttpResponse:
    """The same to keep: `recontar.py --comprobante` checks it."""
    found = tallying.receipt_of(_own_support(request, _subject(code)))
    if found is None:
        raise Http404
    answer = JsonResponse(found)
    answer["Content-Disposition"] = f'attachment; filename="comprobante-{code}.json"'
    return answer


@require_POST
@signed_in_to_post
def email(request: SignedIn, *, code: str) -> HttpResponse:
    """The address at which the supporter is told: first a code goes there, and the code typed here proves it."""
    person = request.user.person
    if "codigo" in request.POST:
        told = addresses.confirm(person=person, code=request.POST["codigo"], now=now())
        if told:
            messages.error(request, told)
        else:
            messages.success(request, _("Comprobaste tu correo. Te escribiremos ahí, y queda también en «Mis avisos»."))
        return way_back(request, code, "#correo-aviso")
    form, agency = EmailForm(request.POST), voice_of(subject_at(code))
    if not form.is_valid():
        messages.error(request, form.summary[0].text)
    elif not form.cleaned_data["email"] or agency is None:
        messages.success(request, addresses.forget(person=person))
    else:
        email = form.cleaned_data["email"]
        messages.info(request, addresses.ask_code(person=person, agency=agency, email=email, now=now()))
    return way_back(request, code, "#correo-aviso")


@require_POST
@signed_in_to_post
@saying_why
def contest(request: SignedIn, *, code: str) -> HttpResponse:
    """Object to a "no"."""
    answer = contestable(code)
    if answer is None:
        raise Http404
    answering.contest(answer=answer, by=request.user.person, now=now())
    return way_back(request, code, "#respuesta")


@require_POST
@signed_in_to_post
@saying_why
def worth_it(request: SignedIn, *, code: str) -> HttpResponse:
    """ "¿Valió la pena?", once the procedure is open."""
    subject = _subject(code)
    held = carried_support_of(request.user.person, subject)
    if held is None:
        raise Http404
    supporting.say_worth(subject=subject, support=held, yes=request.POST.get("valio") == "si", now=now())
    return way_back(request, code, "#valio")


@require_POST
def knew(request: HttpRequest, *, code: str) -> HttpResponse:
    """ "¿Sabías que se puede en línea?": counted once in a session, without a person."""
    subject = subject_at(code)
    said = request.POST.get("sabia", "")
    if subject.entry is None or said not in ("si", "no"):
        return way_back(request, code)
    answered = request.session.get(KNEW, [])
    try:
        count_attempt(KNOWING, network_of(request), now())
    except TooManyAttempts:
        messages.error(request, str(TooMany(1)))
        return way_back(request, code)
    if subject.entry.pk not in answered:
        request.session[KNEW] = [*answered, subject.entry.pk]
        record_knew(entry=subject.entry, knew=said == "si", on=local_date(now(), ZONE))
    messages.success(request, _("Gracias. Contamos tu respuesta sin guardar quién eres."))
    return way_back(request, code)


@require_POST
@signed_in_to_post
@saying_why
def opt_out(request: SignedIn, *, code: str) -> HttpResponse:
    """Not to be counted for the subject into which the supported one was merged."""
    merge = get_object_or_404(Merge, source__code=code, undone_at=None)
    caring.opt_out(merge=merge, by=request.user.person, now=now())
    messages.success(
        request, _("Tu apoyo ya no cuenta para «%(title)s»: solo para esta.") % {"title": merge.into.title}
    )
    return way_back(request, code)


@require_safe
@never_cache
@login_required
def mine(request: SignedIn) -> HttpResponse:
    """The person's own supports, and how many are left."""
    return render(request, "participation/mine.html", mine_context(request.user.person))


def _subject(code: str) -> Subject:
    subject = subject_at(code)
    if subject.pk is None:
        raise Http404
    return subject


def _own_support(request: SignedIn, subject: Subject) -> Support:
    """The visitor's support, or 404: without one there is nothing to tell."""
    found = support_of(person_of(request), subject)
    if found is None:
        raise Http404
    return found
