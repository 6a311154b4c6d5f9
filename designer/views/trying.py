"""Trying a draft before anybody publishes it: each role in turn, on the engine that serves people, leaving nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from designer import trying
from designer.errors import NotKept
from designer.models import ProcedureDraft
from designer.presenting import trial as presenting
from designer.queries import findings_of
from designer.testing.operations import keep_test
from designer.trying import NotTried, Offer, Trial
from designer.views.shared import REFUSED, SignedIn, draft_of, page
from legaltime.api import now
from procedures.api import Bundle, PageForm, write_yaml
from workflows.api import Entry, prepare_to_rehearse


@never_cache
@login_required
def trial(request: SignedIn, pk: int) -> HttpResponse:
    """The story so far, what came of it, and what may happen next."""
    draft = draft_of(request, pk)
    found = findings_of(draft.content)
    if found.bundle is None or found.errors:
        return page(request, "designer/trial.html", draft, {"tab": "trial", "is_ready": False})
    if request.method != "POST":
        prepare_to_rehearse()
        return _show(request, draft, trying.begin(found.bundle))
    try:
        return _answer(request, draft, found.bundle)
    except NotTried as error:
        problems = [{"target": "", "text": str(error)}]
        return _show(request, draft, trying.begin(found.bundle), errors=problems, status=REFUSED)


def _answer(request: SignedIn, draft: ProcedureDraft, bundle: Bundle) -> HttpResponse:
    story = trying.resume(bundle, request.POST.get("historia", ""))
    wanted = request.POST.get("que", "")
    if wanted == "quitar":
        return _show(request, draft, trying.play(bundle, trying.without_last(story), draft.agency))
    if wanted == "guardar":
        return _saved(draft, story.as_data())
    if wanted in ("abrir", "conservar"):
        return _kept(request, draft, trying.play(bundle, story, draft.agency), wanted == "conservar")
    if wanted == "ver":
        return _seen(request, draft, trying.play(bundle, story, draft.agency))
    before = trying.standing(bundle, story, request.POST.get("sello", ""), draft.agency)
    if wanted == "esperar":
        return _wait(request, draft, before)
    offer = next((one for one in before.offers() if one.key == wanted), None)
    if offer is None:
        raise NotTried(_("Eso ya no se puede hacer en esta prueba. Empieza otra."))
    if request.POST.get("elegir"):
        return _show(request, draft, before, chosen=offer)
    return _done(request, draft, before, offer)


def _done(request: SignedIn, draft: ProcedureDraft, before: Trial, offer: Offer) -> HttpResponse:
    """Do what is offered with what was typed, unless it cannot be read."""
    form = before.form(offer, request.POST)
    if trying.typed_wrong(form, request.POST):
        return _show(request, draft, before, chosen=offer, form=form, errors=_problems(form), status=REFUSED)
    return _go_on(request, draft, before, trying.entry_of(offer, form))


def _kept(request: SignedIn, draft: ProcedureDraft, played: Trial, to_keep: bool) -> HttpResponse:
    """The story again from its beginning; then, kept as a saved test."""
    if not to_keep:
        return _show(request, draft, played)
    title = request.POST.get("titulo", "")
    report = {"moments": list(played.moments), "answers": played.answers, "holds": True}
    try:
        test = keep_test(draft=draft, story=played.story, title=title, report=report, by=request.user.person, now=now())
    except NotKept as error:
        return _show(request, draft, played, errors=[{"target": "id-titulo", "text": str(error)}], status=REFUSED)
    messages.success(request, _("Guardaste el caso de prueba «%(title)s».") % {"title": test.title})
    return redirect("designer:cases", draft.pk)


def _wait(request: SignedIn, draft: ProcedureDraft, before: Trial) -> HttpResponse:
    """Let the time of the story pass up to a day."""
    until = request.POST.get("hasta", "")
    try:
        day = date.fromisoformat(until)
    except ValueError:
        problems = [{"target": "id-hasta", "text": _("Escribe hasta qué día pasa el tiempo.")}]
        return _show(request, draft, before, errors=problems, status=REFUSED)
    return _go_on(request, draft, before, Entry("time", _("Pasa el tiempo"), at=day.isoformat()))


def _go_on(request: SignedIn, draft: ProcedureDraft, before: Trial, entry: Entry) -> HttpResponse:
    """Add the entry and play; one that could not be done is shown with its reason and taken back."""
    after = trying.play(before.bundle, trying.with_entry(before.story, entry), draft.agency)
    faults = after.moments[-1]["faults"]
    if not faults:
        return _show(request, draft, after)
    problems = [{"target": "", "text": fault} for fault in faults]
    return _show(request, draft, before, errors=problems, status=REFUSED)


def _seen(request: SignedIn, draft: ProcedureDraft, played: Trial) -> HttpResponse:
    """A story that another page told, with what could not be done of it."""
    faults = [{"target": "", "text": fault} for moment in played.moments[-1:] for fault in moment["faults"]]
    return _show(request, draft, played, errors=faults)


def _problems(form: PageForm | None) -> list[dict[str, str]]:
    return [] if form is None else [{"target": "", "text": str(why[0])} for why in form.errors.values()]


def _saved(draft: ProcedureDraft, story: dict[str, Any]) -> HttpResponse:
    """The story as a file, to be kept beside the procedure and run by `procedures test`."""
    response = HttpResponse(write_yaml(story), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{draft.code}-prueba.yaml") or ""
    return response


def _show(
    request: SignedIn,
    draft: ProcedureDraft,
    shown: Trial,
    *,
    chosen: Offer | None = None,
    form: PageForm | None = None,
    errors: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = presenting.context(trying.whole(shown, draft.agency), chosen, form)
    return page(request, "designer/trial.html", draft, {**context, "errors": errors or []}, status)
