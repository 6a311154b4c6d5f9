"""The lists of a draft: its ficha, questions, steps, documents and notices."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from designer import operations, reusing, tree
from designer.cards.whole import FichaEditor
from designer.errors import ItemChanged, ItemGone
from designer.presenting import figures, lists
from designer.presenting.cards import ficha_parts, support_of
from designer.presenting.findings import missing_in_ficha
from designer.queries import roles_of_agency
from designer.views.shared import CONFLICT, REFUSED, SignedIn, draft_of, page, refused
from legaltime.api import now


@never_cache
@login_required
def ficha(request: SignedIn, pk: int) -> HttpResponse:
    """What is told before beginning, the legal term, the norms."""
    draft = draft_of(request, pk)
    editor = FichaEditor(draft, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {
        "editor": editor,
        "tab": "ficha",
        "parts": ficha_parts(draft),
        "support": support_of(draft),
        "missing": missing_in_ficha(draft),
    }
    if request.method != "POST":
        return page(request, "designer/ficha.html", draft, context)
    try:
        editor.save(by=request.user.person, now=now())
    except ItemChanged as conflict:
        return page(request, "designer/ficha.html", draft, {**context, "conflict": conflict}, CONFLICT)
    if editor.form.problems:
        return page(request, "designer/ficha.html", draft, {**context, "errors": editor.form.problems}, REFUSED)
    messages.success(request, _("Guardado."))
    return redirect("designer:ficha", pk)


@require_safe
@never_cache
@login_required
def questions(request: SignedIn, pk: int, form_id: str = "") -> HttpResponse:
    """The numbered questions of a form: of the application unless another is named."""
    draft = draft_of(request, pk)
    forms = draft.content.get("forms") or []
    form = next((each for each in forms if each["id"] == form_id or not form_id), None)
    if form is None:
        raise Http404
    context = {**lists.forms_context(draft, form), "tab": "questions", "removed": "quitado" in request.GET}
    context["pages"] = figures.beside(draft, form["id"], context["pages"], now())
    context["figures_awaited"] = figures.awaited(draft, form["id"], context["pages"])
    return page(request, "designer/questions.html", draft, context)


@require_safe
@never_cache
@login_required
def steps(request: SignedIn, pk: int) -> HttpResponse:
    """The steps with who does them and where each leads, beside their picture."""
    draft = draft_of(request, pk)
    context = {**lists.steps_context(draft), "tab": "steps", "removed": "quitado" in request.GET}
    return page(request, "designer/steps.html", draft, context)


@require_safe
@never_cache
@login_required
def documents(request: SignedIn, pk: int) -> HttpResponse:
    """The documents that are issued and the notices that are sent."""
    draft = draft_of(request, pk)
    context = {**lists.documents_context(draft), "tab": "documents", "removed": "quitado" in request.GET}
    return page(request, "designer/documents.html", draft, context)


@require_POST
@login_required
def bind(request: SignedIn, pk: int) -> HttpResponse:
    """Say who fills each role of the procedure."""
    draft = draft_of(request, pk)
    known = {str(role.pk): role for role in roles_of_agency(draft.agency)}
    for slot in tree.ids(draft.content.get("roles")):
        wanted = request.POST.get(f"cargo-{slot}")
        if wanted is not None:
            role = known.get(wanted)
            operations.bind_role(draft=draft, slot=slot, role=role, by=request.user.person, now=now())
    messages.success(request, _("Guardado."))
    return redirect("designer:steps", pk)


@never_cache
@login_required
def reuse(request: SignedIn, pk: int, form_id: str) -> HttpResponse:
    """Pages of other procedures of the agency; sent back, the one to bring into this form."""
    draft = draft_of(request, pk)
    if tree.find(draft.content, ("forms", form_id)) is None:
        raise Http404
    if request.method != "POST":
        found = list(reusing.sources(draft.agency, draft.code))
        return page(request, "designer/reuse.html", draft, {"tab": "questions", "sources": found, "form_id": form_id})
    try:
        source = reusing.source_named(draft.agency, request.POST.get("pagina", ""))
    except ItemGone as gone:
        return refused(request, gone, reverse("designer:form", args=[pk, form_id]))
    made, lost = reusing.page_from(source, draft.content, form_id)
    here = ("forms", form_id, "pages")
    operations.add_item(draft=draft, into=here, item=made, by=request.user.person, now=now())
    messages.success(request, _("Trajiste la página. Es tuya: cámbiala sin tocar el otro trámite."))
    if lost:
        text = _("Perdieron su condición, porque miraba preguntas que no vinieron: %(what)s")
        messages.warning(request, text % {"what": ", ".join(lost)})
    return redirect("designer:item", pk, tree.written((*here, made["id"])))
