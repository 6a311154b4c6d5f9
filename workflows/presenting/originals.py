"""Originals that were asked to be shown: what waits, for each side, and what stands beside each file (R50)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Person
from legaltime.api import local_date
from workflows import deadlines
from workflows.commands import originals
from workflows.models import Case, Deadline, OriginalRequest
from workflows.presenting.words import DayCounter, Due, moment
from workflows.withholding import parties_of


def beside(case: Case) -> dict[int, list[str]]:
    """{document: what is said beside it of its original}, the oldest first."""
    found: dict[int, list[str]] = {}
    for request in case.original_requests.select_related("closed_by").order_by("pk"):
        found.setdefault(request.document_id, []).append(_said(case, request))
    return found


def _said(case: Case, request: OriginalRequest) -> str:
    if request.closed_at is not None:
        words = {
            "outcome": request.get_outcome_display(),
            "day": _day(case, request.closed_at),
            "who": request.closed_by,
        }
        return _("Original: %(outcome)s (%(day)s, %(who)s)") % words
    day = _day(case, request.asked_at)
    if case.finished is not None:
        return _("Original: se pidió el %(day)s y la solicitud terminó sin que conste si se mostró") % {"day": day}
    return _("Original: se pidió mostrarlo el %(day)s y aún no consta que se haya mostrado") % {"day": day}


def _day(case: Case, at: Any) -> str:
    return date_format(local_date(at, case.agency.time_zone), "SHORT_DATE_FORMAT")


def pending(case: Case, counter: DayCounter) -> list[dict[str, Any]]:
    """What the official who decides must know: each original that was asked and not shown yet."""
    if case.finished is not None:
        return []
    url = reverse("workflows:desk_measure", args=[case.ref, "registrar-original"])
    return [
        {
            "title": request.document.title,
            "who": str(request.party),
            "at": moment(request.asked_at, case.agency),
            "reason": request.reason,
            "state": clock_in_words(request.deadline),
            "due": _due(counter, request, case),
            "url": url,
        }
        for request in originals.pending(case)
    ]


def _due(counter: DayCounter, request: OriginalRequest, case: Case) -> Due:
    clock = request.deadline
    is_running = clock is not None and clock.state == Deadline.State.RUNNING
    return counter.due(clock.due_on, case.agency) if clock is not None and is_running else Due()


def clock_in_words(clock: Deadline | None) -> str:
    """Where the time to show it stands."""
    if clock is None:
        return _("Sin plazo fijado")
    if clock.state == Deadline.State.EXPIRED and clock.due_on is not None:
        return _("El plazo venció el %(day)s") % {"day": date_format(clock.due_on, "DATE_FORMAT")}
    if clock.state == Deadline.State.RUNNING and clock.due_on is not None:
        return _("Hay plazo hasta el %(day)s") % {"day": date_format(clock.due_on, "DATE_FORMAT")}
    return str(capfirst(deadlines.in_words(clock)))


def asked_of(case: Case, person: Person) -> list[dict[str, Any]]:
    """What this interested person must show, with the clock that runs if one was set."""
    if case.finished is not None:
        return []
    mine = originals.pending(case).filter(party__in=parties_of(case, person))
    return [
        {
            "title": request.document.title,
            "reason": request.reason,
            "clock": request.deadline,
            "is_running": request.deadline is not None and request.deadline.state == Deadline.State.RUNNING,
            "state": clock_in_words(request.deadline) if request.deadline is not None else "",
        }
        for request in mine
    ]
