"""What this room adds to the pages of lower ones."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from participation.presenting.subject import KNEW, panel_context
from participation.queries.finding import subject_for
from participation.views.linked import person_of
from procedures.models import CatalogueEntry
from workflows.api import register_ficha_panel


def support_panel(request: HttpRequest, entry: CatalogueEntry) -> SafeString:
    """Apoyar, on the ficha."""
    context = panel_context(subject_for(entry), person_of(request), request.path)
    context["asks_knew"] = context["is_digital"] and entry.pk not in request.session.get(KNEW, [])
    return render_to_string("participation/panel.html", context, request)


def register() -> None:
    """Put the panel on every ficha."""
    register_ficha_panel(support_panel)
