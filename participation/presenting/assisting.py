"""What an official sees who writes a support down for somebody: the request and what was done here, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.api import format_run, run_of
from documents.api import DocumentContent, Letterhead, Paragraph, Row, Table
from participation.models import Assisted, Subject, Support
from participation.operations.tallying import receipt_of
from participation.presenting.subject import promise_of
from participation.queries.finding import subject_code
from participation.queries.powers import ZONE
from participation.queries.subjects import similar_proposals
from participation.rules.thresholds import SLOTS
from procedures.api import Filters, search
from workflows.models import Attendance

FOUND = 20
"""Fichas listed of a search."""
SLIP = "participation:assist_slip"


def attendance_context(attendance: Attendance) -> dict[str, Any]:
    """The panel on the page of an attendance."""
    return {"attendance": attendance, "done": done_in(attendance), "is_open": attendance.ended_at is None}


def done_in(attendance: Attendance) -> list[dict[str, Any]]:
    """Supports given and taken back in this attendance, in their order."""
    rows = Assisted.objects.filter(attendance=attendance).select_related("support__subject").order_by("pk")
    return [
        {
            "title": row.support.subject.title,
            "what": row.get_what_display(),
            "url": _address(SLIP, attendance, row.support.subject) if row.what == Assisted.What.GIVEN else "",
        }
        for row in rows
    ]


def _address(name: str, attendance: Attendance, subject: Subject) -> str:
    return reverse(name, args=[attendance.pk, subject.code])


def search_context(attendance: Attendance, query: str) -> dict[str, Any]:
    """Fichas of the catalogue and requests in words that a search finds."""
    found = list(_found(attendance, query)) if query else []
    return {"attendance": attendance, "name": str(attendance.person), "query": query, "found": found}


def _found(attendance: Attendance, query: str) -> Iterator[dict[str, str]]:
    for subject in similar_proposals(query):
        yield {
            "title": subject.title,
            "body": subject.body_name,
            "url": _address("participation:assist", attendance, subject),
        }
    for entry in search(query, Filters(), size=FOUND).entries:
        url = reverse("participation:assist", args=[attendance.pk, subject_code(entry)])
        yield {"title": entry.name, "body": entry.institution.name, "url": url}


def assist_context(attendance: Attendance, subject: Subject) -> dict[str, Any]:
    """What to say to the person and what to ask. Whether they support it already is not told before they ask."""
    here = Assisted.objects.filter(attendance=attendance, support__subject=subject.pk).order_by("pk").last()
    return {
        "attendance": attendance,
        "name": str(attendance.person),
        "subject": subject,
        "slots": SLOTS,
        "promise": promise_of(subject),
        "given_here": here is not None and here.what == Assisted.What.GIVEN,
        "slip_url": _address(SLIP, attendance, subject),
    }


def slip_content(row: Assisted, now: datetime) -> DocumentContent:
    """The paper that the person takes home: what was written down, how to undo it, and how to check it."""
    attendance, support = row.attendance, row.support
    number = format_run(run_of(attendance.person))
    who = f"{attendance.person.full_name}, RUN {number}" if number else attendance.person.full_name
    office = (attendance.agency.name, str(support.get_door_display()))
    rows = [
        Row(label=_("Petición"), value=support.subject.title),
        Row(label=_("Institución"), value=support.subject.body_name),
        Row(label=_("Lo que pide"), value=str(support.get_kind_display())),
        Row(label=_("Persona que apoya"), value=who),
        Row(label=_("Registrado el"), value=_moment(row.at)),
        Row(label=_("Dónde"), value=" · ".join(office)),
        Row(label=_("Quién lo registró"), value=str(attendance.official)),
        *_state_rows(support),
    ]
    return DocumentContent(
        title=_("Constancia de apoyo"),
        letterhead=Letterhead(agency=attendance.agency.name),
        date_text=_moment(now),
        blocks=(Table(rows=tuple(rows)), *(Paragraph(text=text) for text in _explained(support))),
        notice_lines=(_("Constancia sin firma: dice qué se registró. El nombre de quien apoya no se publica."),),
        demonstration=settings.DEMO,
        created_at=now,
    )


def _state_rows(support: Support) -> Iterator[Row]:
    """That it was taken back; else its line of the public tally, once it is published."""
    if support.withdrawn_at is not None:
        yield Row(label=_("Retirado el"), value=_moment(support.withdrawn_at))
        return
    receipt = receipt_of(support)
    if receipt is not None:
        yield Row(label=_("Línea del recuento público"), value=f"{receipt['batch']}.json: {receipt['line']}")


def _explained(support: Support) -> tuple[str, ...]:
    words = {"slots": SLOTS, "code": support.subject.code}
    return (
        _("Un apoyo por persona y petición, y hasta %(slots)s a la vez. Vale igual que uno dado en línea.") % words,
        _(
            "Para retirarlo: en «Mis apoyos» con su ClaveÚnica, o en cualquier mesón que atienda este sitio, con su "
            "cédula."
        ),
        _(
            "Para comprobarlo: los apoyos se publican en lotes, sin nombres. Cuando el suyo se publique, su línea está "
            "en «Mis apoyos», o pida en un mesón otra constancia. Código de la petición en el recuento: %(code)s."
        )
        % words,
    )


def _moment(at: datetime) -> str:
    return date_format(at.astimezone(ZoneInfo(ZONE)), "SHORT_DATETIME_FORMAT")
