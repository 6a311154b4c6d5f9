"""Items of a draft: the card on which one is edited, and the buttons that add, move, remove and bring back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from designer import adding, operations, tree
from designer.cards.editor import Editor
from designer.cards.questions import LOSSLESS, TYPE_NAMES, converted
from designer.errors import BadName, DesignError, ItemChanged, ItemGone, NameFixed, StillUsed
from designer.models import ProcedureDraft
from designer.numbers import plain_number
from designer.presenting import cards, figures
from designer.presenting.findings import url_of
from designer.views.shared import CONFLICT, REFUSED, SignedIn, draft_of, page, refused, seen_others
from legaltime.api import now
from procedures.api import HandoutRefused, keep_handout

SAVED_WHILE_TYPING = "guardar"
SENTENCE_ONLY = "condicion"
ADVICE_ONLY = "consejos"
_STAYS = ("_opcion", "_otra", "_quitar", "_frases", "_experto", "_fila", "_columna", "_resultado")
"""Buttons of a card that change one of its lists: what comes next is more of the same."""


@never_cache
@login_required
def item(request: SignedIn, pk: int, address: str) -> HttpResponse:
    """The card of an item."""
    draft = draft_of(request, pk)
    try:
        editor = Editor(draft, tree.parse(address), request.POST if request.method == "POST" else None)
    except ItemGone as gone:
        if request.method == "POST":
            return refused(request, gone, reverse("designer:home", args=[pk]))
        raise Http404 from gone
    if SENTENCE_ONLY in request.GET:
        wanted = next((one for one in editor.sentences if one.prefix == request.GET[SENTENCE_ONLY]), None)
        if wanted is None:
            raise Http404
        return render(request, "designer/condition.html", cards.sentence(editor, wanted))
    if ADVICE_ONLY in request.GET:
        return render(request, "designer/item_advice.html", {"editor": editor, "swap": True})
    if request.method == "POST":
        return _saved(request, editor)
    told = figures.of_question(draft, editor.address, now())
    return page(request, "designer/item.html", draft, {**cards.context(editor), "figures": told})


def _saved(request: SignedIn, editor: Editor) -> HttpResponse:
    """Keep what was typed; the same page again, with what is wrong or what somebody else changed."""
    conflict = None
    try:
        draft = editor.save(by=request.user.person, now=now(), joins=SAVED_WHILE_TYPING not in request.GET)
        if SAVED_WHILE_TYPING not in request.GET:
            editor.rename(by=request.user.person, now=now())
    except (ItemChanged, ItemGone, BadName, NameFixed) as error:
        conflict, draft = error, editor.draft
    if SAVED_WHILE_TYPING in request.GET:
        return _saved_while_typing(request, editor, draft, conflict)
    if conflict or editor.problems:
        context = cards.context(editor, conflict)
        return page(request, "designer/item.html", draft, context, CONFLICT if conflict else REFUSED)
    if editor.is_building:
        return page(request, "designer/item.html", draft, cards.context(Editor(draft, editor.address, request.POST)))
    if not any(name in request.POST for name in _STAYS):
        both = _("Guardado, junto con lo que otra persona cambió aquí mientras editabas.")
        messages.success(request, both if editor.was_joined else _("Guardado."))
    return redirect("designer:item", draft.pk, tree.written(editor.address))


def _saved_while_typing(
    request: SignedIn, editor: Editor, draft: ProcedureDraft, conflict: DesignError | None
) -> HttpResponse:
    """How the saving went, for the page that saves while one types; it asks apart for what the gate says of it."""
    seen_others(request, draft)
    kept = "" if conflict else tree.fingerprint(tree.find(draft.content, editor.address))
    told = {"conflict": conflict, "problems": editor.problems, "fingerprint": kept, "now": now()}
    response = render(request, "designer/saved.html", told)
    response["HX-Trigger"] = "preview"
    return response


@require_POST
@login_required
def add(request: SignedIn, pk: int, address: str) -> HttpResponse:
    """A new question, page, step, document, block, notice or way."""
    draft = draft_of(request, pk)
    try:
        made = adding.add(draft, tree.parse(address), request.POST, by=request.user.person, now=now())
    except DesignError as error:
        return refused(request, error, url_of(draft, tree.parse(address)))
    except ValueError as error:
        raise Http404 from error
    return redirect("designer:item", pk, tree.written(made))


@require_POST
@login_required
def move(request: SignedIn, pk: int, address: str) -> HttpResponse:
    """An item one place up or down, and the focus back on the button; or to a place of another list of its kind."""
    draft = draft_of(request, pk)
    try:
        here = tree.parse(address)
        into, place = adding.where_to(draft.content, here, request.POST)
        draft = operations.move_item(
            draft=draft, address=here, into=into, place=place, by=request.user.person, now=now()
        )
    except DesignError as error:
        return refused(request, error, url_of(draft, ()))
    except ValueError as error:
        raise Http404 from error
    back, moved, pressed = cards.list_url(draft, here), (*into, here[-1]), request.POST.get("a")
    if not pressed:
        return redirect(f"{back}#{cards.anchor(tree.written(moved))}")
    where = {"lugar": tree.position(draft.content, moved) + 1, "de": len(tree.get(draft.content, into))}
    return redirect(f"{back}?{urlencode({'movido': tree.written(moved), 'a': pressed, **where})}")


@require_POST
@login_required
def remove(request: SignedIn, pk: int, address: str) -> HttpResponse:
    """An item less, unless something uses it; the way back is offered."""
    draft, here = draft_of(request, pk), tree.parse(address)
    try:
        operations.remove_item(draft=draft, address=here, by=request.user.person, now=now())
    except ItemGone as gone:
        return refused(request, gone, cards.list_url(draft, here))
    except StillUsed as used:
        messages.error(request, _with_links(draft, used))
        return redirect(url_of(draft, here))
    return redirect(f"{cards.list_url(draft, here)}?quitado=1")


def _with_links(draft: ProcedureDraft, used: StillUsed) -> SafeString:
    """Why it stays, each use with a link to where it is changed."""
    places = ((url_of(draft, address), words) for words, address in used.uses.items())
    links = format_html_join("; ", '<a href="{}">{}</a>', places)
    return format_html(str(StillUsed.TEXT).replace("%(uses)s", "{}"), links)


@require_POST
@login_required
def undo(request: SignedIn, pk: int) -> HttpResponse:
    """Take back the latest change."""
    draft = draft_of(request, pk)
    back = cards.own_path(request.POST.get("volver", ""), draft)
    number = plain_number(request.POST.get("revision"))
    try:
        operations.undo(draft=draft, revision=number, by=request.user.person, now=now())
    except DesignError as error:
        return refused(request, error, back)
    messages.success(request, _("Deshecho."))
    return redirect(back)


@require_POST
@login_required
def convert(request: SignedIn, pk: int, address: str) -> HttpResponse:
    """A question of another type; on a published one only where no answer is lost."""
    draft, here = draft_of(request, pk), tree.parse(address)
    wanted = request.POST.get("tipo", "")
    question = tree.find(draft.content, here)
    if wanted not in TYPE_NAMES or not isinstance(question, dict) or "type" not in question:
        raise Http404
    if cards.is_published(draft, here) and wanted not in LOSSLESS.get(question["type"], set()) | {question["type"]}:
        messages.error(request, cards.NOT_LOSSLESS)
        return redirect("designer:item", pk, address)
    made = converted(question, wanted)
    operations.put_item(draft=draft, address=here, item=made, seen="", by=request.user.person, now=now())
    return redirect("designer:item", pk, address)


@require_POST
@login_required
def template(request: SignedIn, pk: int, address: str) -> HttpResponse:
    """The form that a question hands out to be filled in: another one, or none."""
    draft, here = draft_of(request, pk), tree.parse(address)
    item, sent = tree.find(draft.content, here), request.FILES.get("plantilla")
    if not isinstance(item, dict) or item.get("type") != "file":
        return refused(request, ItemGone(), reverse("designer:home", args=[pk]))
    changed, moment = {key: value for key, value in item.items() if key != "template"}, now()
    try:
        if sent is not None:
            person, name = request.user.person, str(sent.name)
            changed["template"] = keep_handout(agency=draft.agency, name=name, data=sent.read(), by=person, now=moment)
        elif "quitar" not in request.POST:
            raise HandoutRefused(_("Elige primero el archivo de la plantilla."))
        operations.put_item(draft=draft, address=here, item=changed, seen="", by=request.user.person, now=moment)
    except (DesignError, HandoutRefused) as error:
        messages.error(request, str(error))
    return redirect("designer:item", pk, address)
