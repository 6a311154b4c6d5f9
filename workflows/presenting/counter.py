"""What the counter's pages show: whom the official attends, what to say, and never the content of a filed case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.api import format_run, run_of
from accounts.models import Person
from documents.models import Document
from procedures.api import Filters, search
from procedures.models import Online
from workflows import drafts
from workflows.models import Attendance, Case, Draft
from workflows.presenting.afterwards import public_state
from workflows.presenting.citizen import Row

RECENT = 20
"""Attendances listed."""


def home_context(official: Person) -> dict[str, Any]:
    """Attendances under way and the last ones."""
    mine = Attendance.objects.filter(official=official).select_related("person", "agency").order_by("-pk")
    return {
        "open": [_line(one) for one in mine.filter(ended_at=None)[:RECENT]],
        "ended": [_line(one) for one in mine.filter(ended_at__isnull=False)[:RECENT]],
    }


def _line(attendance: Attendance) -> dict[str, Any]:
    return {
        "name": str(attendance.person),
        "started_at": attendance.started_at,
        "url": reverse("workflows:counter_attendance", args=[attendance.pk]),
    }


def attendance_context(attendance: Attendance, query: str) -> dict[str, Any]:
    """The attendance with procedures of any agency, the drafts of the person and what was filed."""
    begun = attendance.drafts.select_related("version", "agency", "attendance").order_by("-pk")
    filed = Case.objects.filter(ref__in=begun.filter(filed_at__isnull=False).values("ref"))
    return {
        "attendance": attendance,
        "name": str(attendance.person),
        "run": format_run(run_of(attendance.person)),
        "identity": attendance.get_identity_display(),
        "query": query,
        "procedures": [] if attendance.ended_at else list(_procedures(attendance, query)),
        "drafts": [_draft(draft) for draft in begun.filter(filed_at=None)],
        "filed": [_filed(attendance, case) for case in filed.defer("flow_class").select_related("agency")],
    }


def _procedures(attendance: Attendance, query: str) -> Iterator[dict[str, str]]:
    found = search(query, Filters(online="digital"), size=50).entries
    for entry in found:
        if entry.online == Online.HERE:
            where = [attendance.pk, entry.institution.code, entry.code]
            yield {
                "title": entry.name,
                "agency": entry.institution.name,
                "url": reverse("workflows:counter_begin", args=where),
            }


def _draft(draft: Draft) -> dict[str, Any]:
    is_here = draft.is_at_counter
    return {
        "title": draft.version.title,
        "is_here": is_here,
        "url": reverse("workflows:page", args=[draft.ref, 1]) if is_here else "",
    }


def _filed(attendance: Attendance, case: Case) -> dict[str, Any]:
    """The state, the receipt, and the words to say; nothing else of the case (architecture 4.5)."""
    receipt = Document.objects.filter(file_id=case.file_id, kind=Document.Kind.RECEIPT, blob__isnull=False).exists()
    state = public_state(case)
    say = _(
        "Su solicitud quedó ingresada con el número %(number)s. Guarde este comprobante: con él puede ver el estado."
    )
    return {
        **state,
        "say": say % {"number": case.number},
        "receipt_url": reverse("workflows:counter_receipt", args=[attendance.pk, case.ref]) if receipt else "",
    }


def paper_context(draft: Draft, given: Mapping[str, Any]) -> dict[str, Any]:
    """Exactly what the person signs, to be read on screen and printed."""
    shown = drafts.shown(draft, given)
    return {
        "institution": draft.agency.name,
        "draft": draft,
        "title": draft.version.title,
        "name": str(draft.applicant),
        "run": format_run(run_of(draft.applicant)) if isinstance(draft.applicant, Person) else "",
        "statement": shown["statement"],
        "rows": [Row(question["label"], question["answer"]) for question in shown["questions"]],
        "back_url": reverse("workflows:review", args=[draft.ref]),
    }
