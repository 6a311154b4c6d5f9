"""Figures over all supports, folded every hour: who verified them and by which door, and what a visit costs."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from statistics import median
from typing import Any

from django.db import transaction
from django.db.models import Count

from participation.models import Evidence, Folded, Support
from participation.rules.demand import MINIMUM

VERIFIED, DEMAND = "verified", "demand"
EVERYONE = ""
"""Where the institution's code stands in the demand of all of them."""
OF_A_VISIT = ("minutes", "pesos", "visits", "days")


@transaction.atomic
def fold_figures(*, now: datetime) -> None:
    """Count anew what pages show of all supports together."""
    for name, figures in ((VERIFIED, _verified()), (DEMAND, _demand())):
        Folded.objects.update_or_create(name=name, defaults={"figures": figures, "folded_at": now})


def _verified() -> dict[str, dict[str, int]]:
    standing = Support.objects.filter(withdrawn_at=None)
    return {
        column: dict(standing.values_list(column).annotate(n=Count("pk")).order_by("-n"))
        for column in ("provider", "door")
    }


def _demand() -> dict[str, dict[str, float]]:
    """{institution: {what: median}} of enough answers, with everybody's under EVERYONE."""
    told: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    standing = Evidence.objects.filter(support__withdrawn_at=None)
    rows: Any = standing.values_list("support__subject__agency__code", *OF_A_VISIT)
    for agency, *values in rows.iterator():
        for name, value in zip(OF_A_VISIT, values, strict=True):
            if value is not None:
                told[EVERYONE][name].append(value)
                if agency:
                    told[agency][name].append(value)
    return {
        agency: {name: median(values) for name, values in by_name.items() if len(values) >= MINIMUM}
        for agency, by_name in told.items()
    }
