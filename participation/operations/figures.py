"""Figures folded every hour: who verified supports and by which door, what a visit costs, and what visitors said."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, Sum

from participation.models import Evidence, ExposureCount, Folded, Knew, Support, WorthIt
from participation.rules.demand import MINIMUM

VERIFIED, DEMAND, KNEW, WORTH, SEEN = "verified", "demand", "knew", "worth", "seen"
RECENT = timedelta(days=365)
EVERYONE = ""
"""Where the institution's code stands in the demand of all of them."""
OF_A_VISIT = ("minutes", "pesos", "visits", "days")


@transaction.atomic
def fold_figures(*, now: datetime) -> None:
    """Count anew what pages show of all supports and visits together."""
    found: dict[str, dict[str, Any]] = {
        VERIFIED: _verified(),
        DEMAND: _demand(),
        KNEW: _knew(),
        WORTH: _worth(),
        SEEN: _seen(now),
    }
    for name, figures in found.items():
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


def _knew() -> dict[str, dict[str, int]]:
    """{institution: knew, asked} of those who said whether they knew, with everybody's under EVERYONE."""
    rows = Knew.objects.values_list("entry__institution__code").order_by()
    found = {EVERYONE: {"knew": 0, "asked": 0}}
    for code, knew, asked in rows.annotate(knew_it=Count("pk", filter=Q(knew=True)), asked=Count("pk")):
        found[code] = {"knew": knew, "asked": asked}
        found[EVERYONE]["knew"] += knew
        found[EVERYONE]["asked"] += asked
    return found


def _worth() -> dict[str, int]:
    """How many supporters said that it was worth it, and how many answered."""
    return WorthIt.objects.aggregate(yes=Count("pk", filter=Q(yes=True)), answered=Count("pk"))


def _seen(now: datetime) -> dict[str, int]:
    """How often requests were shown in the last year."""
    days = ExposureCount.objects.filter(day__gte=(now - RECENT).date())
    return days.aggregate(lists=Sum("lists", default=0), pages=Sum("pages", default=0))
