"""Downloads for everybody: counts, exposure, the batches of the tally and the program that recounts them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from participation import recount
from participation.models import TallyBatch
from participation.queries import open_data


@require_safe
def supports_csv(request: HttpRequest) -> HttpResponse:
    """Exact counts as CSV."""
    rows = open_data.supports()
    names = [name for name in (rows[0] if rows else {"codigo": ""}) if name != "por_tipo"]
    return table("apoyos.csv", names, ([row[name] for name in names] for row in rows))


@require_safe
def supports_json(request: HttpRequest) -> HttpResponse:
    """The same as JSON, with what was asked by kind."""
    return JsonResponse({"version": 1, "apoyos": open_data.supports()}, json_dumps_params={"ensure_ascii": False})


@require_safe
def exposure_csv(request: HttpRequest) -> HttpResponse:
    """How often each subject was shown, in lists and on its own page, by day."""
    return table("exposicion.csv", ["dia", "codigo", "en_listas", "en_su_pagina"], open_data.exposure())


@require_safe
def batch(request: HttpRequest, *, number: int) -> HttpResponse:
    """A batch of the tally, byte by byte as it was published."""
    found = get_object_or_404(TallyBatch, number=number)
    return HttpResponse(bytes(found.body), content_type="application/json")


@require_safe
def batches(request: HttpRequest) -> HttpResponse:
    """The address of every batch, one a line, for a program that downloads them."""
    numbers = TallyBatch.objects.order_by("number").values_list("number", flat=True)
    lines = [request.build_absolute_uri(reverse("participation:batch", args=[number])) for number in numbers]
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")


@require_safe
def recount_program(request: HttpRequest) -> HttpResponse:
    """The program with which a stranger recounts."""
    text = Path(recount.__file__).read_text(encoding="utf-8")
    return HttpResponse(text, content_type="text/x-python; charset=utf-8")


def table(name: str, header: Sequence[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """A CSV file that spreadsheets read: UTF-8 with its mark, and no cell that a spreadsheet would run."""
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(answer)
    writer.writerow(header)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return answer


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would run."""


def _inert(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
