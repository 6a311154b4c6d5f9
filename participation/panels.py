"""What this room adds to the pages of lower ones."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from participation.presenting.assisting import attendance_context
from participation.presenting.subject import KNEW, panel_context
from participation.queries.finding import subject_for
from participation.views.linked import person_of
from procedures.models import CatalogueEntry
from workflows.api import register_attendance_panel, register_ficha_panel
from workflows.models import Attendance


def support_panel(request: HttpRequest, entry: CatalogueEntry) -> SafeString:
    """Apoyar, on the ficha."""
    context = panel_context(subject_for(entry), person_of(request), request.path)
    context["asks_knew"] = context["is_digital"] and entry.pk not in request.session.get(KNEW, [])
    return render_to_string("participation/panel.html", context, request)


def attended_panel(request: HttpRequest, attendance: Attendance) -> SafeString:
    """What the person attended asked to support, on the page of whoever attends them."""
    return render_to_string("participation/attendance.html", attendance_context(attendance), request)


def register() -> None:
    """Put the panels on every ficha and every attendance."""
    register_ficha_panel(support_panel)
    register_attendance_panel(attended_panel)
