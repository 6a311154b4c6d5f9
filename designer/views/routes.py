"""Every route of a draft on one page: to read, and to change where an answer leads."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from designer import operations, tree, wording
from designer.cards import questions
from designer.errors import DesignError, ItemGone
from designer.models import ProcedureDraft
from designer.presenting import routes as presenting
from designer.presenting.cards import anchor
from designer.views.shared import SignedIn, draft_of, page, refused
from legaltime.api import now


@never_cache
@login_required
def routes(request: SignedIn, pk: int) -> HttpResponse:
    """What each answer opens and every way through; sent back, where the answers of one question lead."""
    draft = draft_of(request, pk)
    if request.method != "POST":
        return page(request, "designer/routes.html", draft, presenting.context(draft))
    address = request.POST.get("pregunta", "")
    try:
        _lead(request, draft, tree.parse(address))
    except DesignError as error:
        return refused(request, error, reverse("designer:routes", args=[pk]))
    messages.success(request, _("Guardado."))
    return redirect(f"{reverse('designer:routes', args=[pk])}#{anchor(address)}")


def _lead(request: SignedIn, draft: ProcedureDraft, address: tree.Address) -> None:
    question = tree.find(draft.content, address)
    if not isinstance(question, dict) or len(address) != 6 or address[0] != "forms":
        raise ItemGone
    known = {name for name, _words in questions.later_questions(draft.content, address)}
    sent = {name.removeprefix("abre-"): str(value) for name, value in request.POST.items() if name.startswith("abre-")}
    operations.edit_with(
        draft=draft,
        change=lambda content: questions.lead_to(content, address, {k: v for k, v in sent.items() if v in known}),
        address=address,
        summary=_("Cambió lo que abre %(what)s") % {"what": wording.name_of(draft.content, address)},
        by=request.user.person,
        now=now(),
    )
