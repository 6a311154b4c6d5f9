"""What a case holds only by reference because it cannot be digitised, and where it is now (D10 art. 26; R51)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from documents.api import PhysicalThing, physical_things
from documents.models import PhysicalEntry
from workflows.models import Case

Kind = PhysicalEntry.Kind
TAGS = {Kind.ANNOUNCED: "warning", Kind.RECEIVED: "success", Kind.MOVED: "success", Kind.RETURNED: ""}


def things(case: Case, kept_back: Collection[int] = (), page: str = "workflows:document") -> list[dict[str, Any]]:
    """Each thing with where it is and what happened to it; `kept_back`: documents that this reader does not open."""
    found = physical_things(case.file)
    return [_thing(case, thing, page) for thing in found if not _is_kept_back(thing, kept_back)]


def _is_kept_back(thing: PhysicalThing, kept_back: Collection[int]) -> bool:
    return any(entry.document_id in kept_back for entry in thing.entries)


def _thing(case: Case, thing: PhysicalThing, page: str) -> dict[str, Any]:
    known = thing.origin
    return {
        "what": known.what,
        "state": where(thing),
        "kind": TAGS[Kind(thing.now.kind)],
        "tag": capfirst(thing.now.get_kind_display()),
        "cause": capfirst(known.get_cause_display()),
        "reason": known.reason,
        "resolution": known.resolution,
        "entries": [_entry(case, entry, page) for entry in thing.entries],
    }


def where(thing: PhysicalThing) -> str:
    """Where it is now, in words."""
    now = thing.now
    if now.kind == Kind.ANNOUNCED:
        return _("Todavía no se recibe")
    assert now.happened_on is not None, "what changed hands did so on a day"
    words = {"place": now.place, "who": now.received_by, "day": date_format(now.happened_on, "SHORT_DATE_FORMAT")}
    if now.kind == Kind.RETURNED:
        return _("Ya no está aquí: lo recibió %(who)s el %(day)s") % words
    return _("%(place)s, desde el %(day)s") % words


def _entry(case: Case, entry: PhysicalEntry, page: str) -> dict[str, Any]:
    return {
        "seq": entry.document.item.seq,
        "what": " · ".join(_happened(entry)),
        "url": reverse(page, args=[case.ref, entry.document_id]) if entry.document.blob_id else "",
    }


def _happened(entry: PhysicalEntry) -> Iterator[str]:
    if entry.happened_on is not None:
        yield date_format(entry.happened_on, "SHORT_DATE_FORMAT")
    yield str(capfirst(entry.get_kind_display()))
    if entry.handed_by:
        yield _("lo entregó %(who)s") % {"who": entry.handed_by}
    if entry.received_by:
        yield _("lo recibió %(who)s") % {"who": entry.received_by}
    if entry.place:
        yield _("en %(place)s") % {"place": entry.place}
