"""The languages of a draft: how far each is, its texts beside the Spanish, and the same as a spreadsheet."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from designer.errors import CannotRead, DesignError
from designer.models import ProcedureDraft
from designer.numbers import plain_number
from designer.presenting import languages as presenting
from designer.presenting.languages import Asked
from designer.translating import operations, sheets
from designer.translating.operations import Kept, Typed
from designer.translating.queries import progress_of, texts_in_language
from designer.translating.rules import is_language
from designer.views.items import SAVED_WHILE_TYPING
from designer.views.shared import CONFLICT, REFUSED, SignedIn, draft_of, page, refused, seen_others
from legaltime.api import now

TEXT, SEEN, RIGHT = "t.", "antes.", "sirve."
"""What the controls of a text are called, before its path."""


@require_safe
@never_cache
@login_required
def languages(request: SignedIn, pk: int) -> HttpResponse:
    """Every language of the draft; with one chosen, its page."""
    draft = draft_of(request, pk)
    wanted = request.GET.get("lengua", "")
    if is_language(wanted):
        return redirect("designer:language", pk, wanted)
    return page(request, "designer/languages.html", draft, presenting.overview(draft))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def texts(request: SignedIn, pk: int, language: str) -> HttpResponse:
    """The texts of a part beside their translations; then, keep what was typed."""
    draft, asked = draft_of(request, pk), _asked(request, language)
    if "texto" in request.GET:
        return redirect(presenting.address_of_text(draft, language, request.GET["texto"]))
    if request.method != "POST":
        context = {**presenting.context(draft, asked), "removed": "traido" in request.GET}
        return page(request, "designer/language.html", draft, context)
    try:
        if "sobrantes" in request.POST:
            operations.drop_strays(draft=draft, language=language, by=request.user.person, now=now())
            messages.success(request, _("Quitaste las traducciones de textos que ya no están."))
            return redirect(asked.address(draft))
        typed = _typed(request.POST, draft, language)
        kept = operations.translate(draft=draft, language=language, typed=typed, by=request.user.person, now=now())
    except DesignError as gone:
        return refused(request, gone, asked.address(draft))
    return _told(request, asked, kept, typed)


def _asked(request: SignedIn, language: str) -> Asked:
    if not is_language(language):
        raise Http404
    number = max(1, plain_number(request.GET.get("hoja")))
    return Asked(language, request.GET.get("parte", ""), bool(request.GET.get("falta")), number)


def _typed(data: QueryDict, draft: ProcedureDraft, language: str) -> list[Typed]:
    """What was sent of each text; of the one whose button was pressed, the translation that was offered."""
    found = [
        Typed(path, _plain(str(data[name])), data.get(f"{SEEN}{path}", ""), f"{RIGHT}{path}" in data)
        for name in data
        if name.startswith(TEXT) and (path := name.removeprefix(TEXT))
    ]
    wanted = data.get("usar", "")
    offered = next((text.offered for text in texts_in_language(draft, language) if text.path == wanted), "")
    if not offered:
        return found
    seen = operations.seen_of("")
    return [*(one for one in found if one.path != wanted), Typed(wanted, offered, seen, is_right=True)]


def _plain(text: str) -> str:
    """What a browser sent as it is kept: no NUL, which PostgreSQL takes in no text."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _told(request: SignedIn, asked: Asked, kept: Kept, typed: list[Typed]) -> HttpResponse:
    """How the keeping went: for who saves while typing, for who pressed the button, and for who has to look again."""
    problems = _problems(kept)
    if SAVED_WHILE_TYPING in request.GET:
        seen_others(request, kept.draft)
        return _saved_while_typing(request, asked, kept, problems)
    if problems:
        left = {one.path: one.text for one in typed if one.path in {*kept.changed, *kept.long, *kept.strange}}
        context = {**presenting.context(kept.draft, asked, left), "errors": problems}
        return page(request, "designer/language.html", kept.draft, context, CONFLICT if kept.changed else REFUSED)
    messages.success(request, _("Guardado."))
    return redirect(asked.address(kept.draft))


def _saved_while_typing(request: SignedIn, asked: Asked, kept: Kept, problems: list[dict[str, str]]) -> HttpResponse:
    now_says = {text.path: text.translation for text in texts_in_language(kept.draft, asked.language)}
    written = [
        {"path": path, "key": operations.seen_of(path), "seen": operations.seen_of(now_says.get(path, ""))}
        for path in kept.written
    ]
    told = presenting.told(progress_of(kept.draft, asked.language))
    context = {"written": written, "told": told, "problems": problems, "now": now()}
    return render(request, "designer/language_saved.html", context)


def _problems(kept: Kept) -> list[dict[str, str]]:
    """What was not kept, with its place on the page."""
    changed = _("Otra persona tradujo esto mientras lo escribías. Compara lo tuyo con lo suyo y guarda otra vez.")
    long = _("La traducción es demasiado larga. Acórtala.")
    found = [(path, changed) for path in kept.changed] + [(path, long) for path in kept.long] + [*kept.strange.items()]
    told = [{"target": f"t-{operations.seen_of(path)}", "text": text} for path, text in found]
    if kept.gone:
        text = ngettext(
            "Un texto que traducías ya no está en el trámite.",
            "%(n)s textos que traducías ya no están en el trámite.",
            len(kept.gone),
        )
        told.append({"target": "", "text": text % {"n": len(kept.gone)}})
    return told


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def sheet(request: SignedIn, pk: int, language: str) -> HttpResponse:
    """The texts of a language as a CSV for a translator; or bring it back."""
    draft, asked = draft_of(request, pk), _asked(request, language)
    if request.method != "POST":
        answer = HttpResponse(sheets.written(draft, language), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{draft.code}-{language}.csv"'
        return answer
    try:
        brought = sheets.bring(
            draft=draft, language=language, file=request.FILES.get("planilla"), by=request.user.person, now=now()
        )
    except CannotRead as error:
        problems = [{"target": "planilla", "text": str(error)}]
        context = {**presenting.context(draft, asked), "errors": problems}
        return page(request, "designer/language.html", draft, context, REFUSED)
    except DesignError as error:
        return refused(request, error, asked.address(draft))
    for text in brought.told:
        messages.success(request, text)
    return redirect(f"{presenting.url_of(draft, language)}{'?traido=1' if brought.written else ''}")
