"""What the pages show of several people at work on one draft."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from designer import reviewing, tree, wording
from designer.models import DraftComment, DraftVisit, ProcedureDraft
from designer.presenting.findings import url_of
from designer.presenting.review import whole


def others(draft: ProcedureDraft, visits: list[DraftVisit]) -> list[str]:
    """Who else is at work on the draft now, and on what, in a sentence each."""
    told = []
    for visit in visits:
        here = tree.parse(visit.address)
        names = {"who": visit.person.full_name, "what": wording.name_of(draft.content, here) if here else ""}
        text = _("%(who)s está ahora en %(what)s.") if here else _("%(who)s también está en este trámite.")
        told.append(text % names)
    return told


def panel(draft: ProcedureDraft, address: str) -> list[DraftComment]:
    """The comments of one item."""
    return list(reviewing.comments_on(draft, address))


def context(draft: ProcedureDraft, public_url: str, now: datetime) -> dict[str, Any]:
    """The page on which a draft is reviewed."""
    agreement = reviewing.agreement_on(draft)
    comments = list(reviewing.comments_on(draft))
    return {
        "tab": "review",
        "agreement": agreement,
        "comments": [_told(draft, comment) for comment in comments],
        "open_count": sum(comment.settled_at is None for comment in comments),
        "links": [
            {"pk": link.pk, "by": link.made_by.full_name, "until": localtime(link.expires_at).date(),
             "url": public_url + reverse("designer:shared", args=[link.secret])}
            for link in reviewing.open_links(draft, now)
        ],
        "choices": range(reviewing.MOST_APPROVALS + 1),
    }  # fmt: skip


def _told(draft: ProcedureDraft, comment: DraftComment) -> dict[str, Any]:
    here = tree.parse(comment.address)
    is_there = bool(here) and tree.find(draft.content, here) is not None
    return {"comment": comment, "url": url_of(draft, here) if is_there else ""}


def shared(draft: ProcedureDraft) -> dict[str, Any]:
    """The draft for who reads it by a link: all of it, and what they may comment."""
    items = [("", _("Todo el trámite"))]
    for form in draft.content.get("forms") or ():
        fields = tree.fields_of_form(form)
        items += [(tree.written(at), wording.name_of(draft.content, at)) for at, _field in fields]
    items += [(tree.written(at), wording.name_of(draft.content, at)) for at, _step in tree.all_steps(draft.content)]
    for key in ("documents", "notices"):
        here = [(key, item["id"]) for item in draft.content.get(key) or ()]
        items += [(tree.written(at), wording.name_of(draft.content, at)) for at in here]
    return {"draft": draft, "institution": draft.agency, "items": items, **whole(draft)}
