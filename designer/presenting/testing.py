"""What the pages of saved tests show: how each stands, where it parts from what was expected, and what it told."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from designer.models import ProcedureDraft, SavedTest
from designer.presenting.trial import told_moment
from designer.queries import findings_of, readable
from designer.testing import rules
from designer.testing.queries import Found, Standing, seen_by, standings
from procedures.api import Condition

_WORDS = {
    Standing.GREEN: (gettext_lazy("Pasa"), "success"),
    Standing.RED: (gettext_lazy("No pasa"), "error"),
    Standing.STALE: (gettext_lazy("Sin correr con lo último"), "warning"),
    Standing.RUNNING: (gettext_lazy("Se está corriendo"), ""),
}


def context(draft: ProcedureDraft) -> dict[str, Any]:
    """The list of saved tests."""
    found = standings(draft)
    return {
        "tab": "trial",
        "tests": [_row(draft, one) for one in found],
        "is_running": any(one.standing is Standing.RUNNING for one in found),
        "may_run": not findings_of(draft.content).errors,
        "summary": summary(found),
    }


def page(draft: ProcedureDraft, test: SavedTest) -> dict[str, Any]:
    """One saved test: what happens in it, and what is not as expected."""
    found = next(one for one in standings(draft) if one.test.pk == test.pk)
    bundle = readable(draft.content)
    moments = test.report.get("moments") or []
    return {
        "tab": "trial",
        "test": test,
        "row": _row(draft, found),
        "moments": [told_moment(bundle, moment) for moment in moments],
        "may_accept": found.standing is Standing.RED and found.is_accepted,
        "untold": max(0, len(test.story["story"]) - len(moments)),
        "told_json": json.dumps(test.story, ensure_ascii=False),
        "is_running": found.standing is Standing.RUNNING,
    }


def summary(found: list[Found]) -> str:
    """In a few words: «2 pasan, 1 no pasa, 1 sin correr»."""
    if not found:
        return _("Ninguno todavía")
    green = sum(one.standing is Standing.GREEN for one in found)
    red = sum(one.standing is Standing.RED for one in found)
    told = {
        ngettext("%(total)s pasa", "%(total)s pasan", green): green,
        ngettext("%(total)s no pasa", "%(total)s no pasan", red): red,
        _("%(total)s sin correr con lo último"): len(found) - green - red,
    }
    return ", ".join(words % {"total": total} for words, total in told.items() if total)


def missing(draft: ProcedureDraft, found: list[Found]) -> list[tuple[str, str]]:
    """(sentence, address) of each test that does not hold."""
    url = reverse("designer:cases", args=[draft.pk])
    return [
        (_("No pasa el caso de prueba «%(title)s».") % {"title": one.test.title}, f"{url}{one.test.pk}/")
        for one in found
        if one.standing is Standing.RED
    ]


def seen_words(draft: ProcedureDraft, condition: Condition | None) -> str:
    """How many saved tests meet a condition, as its sentence says it; empty when there is nothing to say."""
    seen = seen_by(draft, condition) if condition is not None else None
    if seen is None:
        return ""
    text = ngettext(
        "Hoy se cumple en %(met)s de %(total)s caso de prueba.",
        "Hoy se cumple en %(met)s de %(total)s casos de prueba.",
        seen[1],
    )
    return text % {"met": seen[0], "total": seen[1]}


def _row(draft: ProcedureDraft, found: Found) -> dict[str, Any]:
    words, kind = _WORDS[found.standing]
    test = found.test
    moments = test.report.get("moments") or []
    place = rules.parts_at(moments)
    parted = told_moment(readable(draft.content), moments[place]) if place is not None else None
    return {
        "title": test.title,
        "url": reverse("designer:case", args=[draft.pk, test.pk]),
        "words": words,
        "kind": kind,
        "entries": len(test.story["story"]),
        "parted": parted if found.standing is Standing.RED else None,
        "when": date_format(localtime(test.ran_at), "j/m H:i") if test.ran_at else "",
    }
