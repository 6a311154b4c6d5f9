"""What the page of a replay shows: how many cases would end elsewhere, and where each parts. Nobody is named."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from designer import tree
from designer.models import ProcedureDraft, ReplayRun
from designer.presenting.trial import entry_title
from designer.queries import findings_of, readable
from designer.testing.replaying import SIZES, finished
from workflows.api import cases_for


def context(draft: ProcedureDraft, person: Person, on: date) -> dict[str, Any]:
    """The last replay of a draft, and how to ask for another."""
    run = draft.replays.first()
    return {
        "tab": "trial",
        "sizes": SIZES,
        "total_finished": finished(draft).count(),
        "may_run": not findings_of(draft.content).errors,
        "run": run,
        "is_running": run is not None and run.ended_at is None,
        **(_of(run, draft, person, on) if run is not None else {}),
    }


def _of(run: ReplayRun, draft: ProcedureDraft, person: Person, on: date) -> dict[str, Any]:
    other = [one for one in run.results if one["comparable"] and one["differs_at"]]
    unlike = [one for one in run.results if not one["comparable"]]
    ids = [one["case"] for one in other]
    numbers = dict(cases_for(person, on).filter(pk__in=ids).values_list("pk", "number"))
    return {
        "asked": date_format(localtime(run.asked_at), "j/m H:i"),
        "is_old": bool(run.mark) and run.mark != tree.fingerprint(draft.content),
        "done": len(run.results),
        "rows": [_row(draft, one, place, numbers) for place, one in enumerate(run.results, 1) if one in other],
        "same": len(run.results) - len(other) - len(unlike),
        "unlike": _unlike(len(unlike)),
    }


def _row(draft: ProcedureDraft, one: dict[str, Any], place: int, numbers: dict[int, str]) -> dict[str, Any]:
    action, _space, subject = str(one["differs_at"]).partition(" ")
    number = numbers.get(one["case"])
    return {
        "title": _("Solicitud N° %(number)s") % {"number": number} if number else _("Solicitud %(n)s") % {"n": place},
        "ended": one["ended"],
        "would_end": one["would_end"],
        "opens": ", ".join(f"«{title}»" for title in one["opens"]),
        "parts": entry_title(readable(draft.content), action, subject),
        "why": one["why"],
    }


def _unlike(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "%(count)s no se puede comparar: dependió de hechos de fuera o de respuestas que aquí se reemplazan.",
        "%(count)s no se pueden comparar: dependieron de hechos de fuera o de respuestas que aquí se reemplazan.",
        count,
    ) % {"count": count}
