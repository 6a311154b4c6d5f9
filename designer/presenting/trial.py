"""What the page of a trial shows: what happened, in words, and what may happen next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from designer.trying import Offer, Trial
from procedures.api import Bundle, PageForm


def context(shown: Trial, chosen: Offer | None, form: PageForm | None) -> dict[str, Any]:
    """The story so far, and the chosen offer (else the first) with its questions."""
    offers = shown.offers()
    first = chosen or (offers[0] if offers else None)
    return {
        "tab": "trial",
        "is_ready": True,
        "told": shown.told,
        "sealed": shown.sealed,
        "moments": [told_moment(shown.bundle, moment) for moment in shown.moments],
        "now": shown.moments[-1] if shown.moments else None,
        "first": first,
        "others": [offer for offer in offers if offer != first],
        "form": form or (shown.form(first) if first else None),
    }


def told_moment(bundle: Bundle, moment: dict[str, Any]) -> dict[str, Any]:
    """A moment with its title and its day in words."""
    when = date_format(datetime.fromisoformat(moment["at"]), "DATE_FORMAT")
    return {**moment, "title": entry_title(bundle, moment["action"], moment["subject"]), "when": when}


def entry_title(bundle: Bundle, action: str, subject: str) -> str:
    """What an entry was, in the words of the procedure."""
    step = bundle.steps_by_id.get(subject)
    match action:
        case "file":
            return _("Se presenta la solicitud")
        case "correct":
            return _("Se corrige lo observado")
        case "notify" if step is not None:
            return _("Se notifica «%(step)s»") % {"step": step.title}
    return step.title if step is not None else subject
