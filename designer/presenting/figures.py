"""How people fill in the published procedure, in words beside each page and question."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from designer import tree
from designer.models import ProcedureDraft
from designer.queries import readable
from designer.tree import Address
from participation.api import wish_about
from participation.models import Kind
from workflows.api import FEWEST_PEOPLE, FIGURES_WINDOW, Figures, form_figures


def beside(draft: ProcedureDraft, form_id: str, pages: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The rows of the pages of a form, each with its figures where there are enough; those of other forms as is."""
    if not _is_application(draft, form_id):
        return pages
    names = [page["address"].rpartition("/")[2] for page in pages]
    found = form_figures(agency=draft.agency, code=draft.code, pages=names, now=now)
    if found is None:
        return pages
    return [_page(page, name, found) for page, name in zip(pages, names, strict=True)]


def awaited(draft: ProcedureDraft, form_id: str, pages: list[dict[str, Any]]) -> str:
    """When pages that `beside` gave will have figures, in words; "" for those that have them or never will."""
    if not draft.procedure_id or not _is_application(draft, form_id) or any("figures" in one for one in pages):
        return ""
    return _(
        "Cuando %(people)s personas lo hayan llenado en los últimos %(days)s días, verás aquí cuánto toma cada página, "
        "dónde la dejan y qué respuestas no se les aceptan."
    ) % {"people": FEWEST_PEOPLE, "days": FIGURES_WINDOW.days}


def of_question(draft: ProcedureDraft, address: Address, now: datetime) -> list[str]:
    """The figures of a published question and of its page, in sentences; none while few people have filled it in."""
    form = tree.find(draft.content, address[:2]) if draft.procedure_id and address[4:5] == ("fields",) else None
    if form is None:
        return []
    rows: dict[str, dict[str, Any]] = {}
    for here, _field in tree.fields_of_form(form):
        page = rows.setdefault(here[3], {"address": tree.written(here[:4]), "fields": []})
        page["fields"].append({"address": tree.written(here)})
    pages = beside(draft, form["id"], [*rows.values()], now)
    own = {tree.written(address[:4]), tree.written(address[:6])}
    return [
        row["figures"] for page in pages for row in (page, *page["fields"])
        if row["address"] in own and row.get("figures")
    ]  # fmt: skip


def _is_application(draft: ProcedureDraft, form_id: str) -> bool:
    starts = [step for step in readable(draft.content).all_steps() if step.kind == "start"]
    return any(getattr(step, "form", "") == form_id for step in starts)


def asked_of(draft: ProcedureDraft) -> dict[str, Any] | None:
    """What people ask to be better in the published procedure; None when nobody asks anything."""
    wish = wish_about(draft.agency, draft.code)
    if wish is None:
        return None
    kinds = sorted(wish.by_kind.items(), key=lambda item: -item[1])
    people = ngettext("%(count)s persona pide que mejore", "%(count)s personas piden que mejore", wish.people)
    return {
        "people": people % {"count": wish.people},
        "kinds": [(Kind(kind).label, count) for kind, count in kinds if count and kind in Kind],
        "papers": wish.papers,
        "url": wish.path,
    }


def _page(page: dict[str, Any], name: str, found: Figures) -> dict[str, Any]:
    fields = [
        {**field, "figures": _wrong(found.wrong.get(field["address"].rpartition("/")[2], 0), found.begun)}
        for field in page["fields"]
    ]
    return {**page, "fields": fields, "figures": _of_page(found.left.get(name, 0), found.seconds.get(name), found)}


def _of_page(left: int, seconds: int | None, found: Figures) -> str:
    parts = [
        ngettext("%(left)s de %(total)s persona la dejó aquí", "%(left)s de %(total)s personas la dejaron aquí",
                 found.begun) % {"left": left, "total": found.begun},
    ]  # fmt: skip
    if seconds is not None:
        parts.append(_("toma unos %(seconds)s segundos") % {"seconds": seconds})
    return _("Últimos %(days)s días: %(figures)s.") % {"days": FIGURES_WINDOW.days, "figures": ", ".join(parts)}


def _wrong(count: int, total: int) -> str:
    if not count:
        return ""
    return _("Al %(percent)s %% no se le aceptó la respuesta la primera vez.") % {"percent": round(100 * count / total)}
