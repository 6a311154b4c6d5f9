"""The progress dashboard and its data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from legaltime.api import now
from participation.presenting.progress import GOALS, dashboard_context, open_differences, open_months, open_rows
from participation.rules.words import one_line
from participation.views.open_data import table


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """How far the State is, and what people saved."""
    return render(
        request, "participation/progress.html", dashboard_context(one_line(request.GET.get("institucion", "")), now())
    )


@require_safe
def data_csv(request: HttpRequest) -> HttpResponse:
    """Each institution's share and cases as CSV."""
    rows = open_rows(now())
    names = ["institucion", "codigo", "en_linea", "tramites", "porcentaje", "solicitudes"]
    return table("avance.csv", names, ([row[name] for name in names] for row in rows))


@require_safe
def data_json(request: HttpRequest) -> HttpResponse:
    """The same as JSON, with the goals, the months, and what the nightly recount corrected."""
    content = {
        "version": 1,
        "metas": list(GOALS),
        "instituciones": open_rows(now()),
        "meses": open_months(now()),
        "diferencias": open_differences(),
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})
