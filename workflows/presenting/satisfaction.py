"""How people found each procedure: totals, and nothing where few answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Sum

from accounts.models import Agency
from procedures.models import CatalogueEntry
from workflows.models import SatisfactionCount
from workflows.presenting.language import entry_texts

FEWEST = 5
"""With fewer answers the total could point at somebody."""
SCORES = (5, 4, 3, 2, 1)


def totals(agencies: Iterable[Agency]) -> list[dict[str, Any]]:
    """Each procedure of the agencies: answers by score, and how many in a hundred found it easy."""
    counted = (
        SatisfactionCount.objects.filter(agency__in=list(agencies))
        .values("procedure", "agency__name", "score")
        .annotate(answers=Sum("count"))
    )
    found: dict[tuple[int, str], dict[int, int]] = {}
    for row in counted:
        found.setdefault((row["procedure"], row["agency__name"]), {})[row["score"]] = row["answers"]
    entries = list(CatalogueEntry.objects.filter(procedure__in={procedure for procedure, _agency in found}))
    texts = entry_texts(entries)
    titles = {one.procedure_id: texts[one.pk][0] if one.pk in texts else one.name for one in entries}
    return [
        {"title": titles.get(procedure, ""), "agency": agency, **_shares(scores)}
        for (procedure, agency), scores in sorted(found.items(), key=lambda item: titles.get(item[0][0], ""))
    ]


def _shares(scores: dict[int, int]) -> dict[str, Any]:
    answers = sum(scores.values())
    easy = scores.get(5, 0) + scores.get(4, 0)
    return {
        "answers": answers,
        "is_few": answers < FEWEST,
        "easy": round(100 * easy / answers) if answers else 0,
        "scores": [scores.get(score, 0) for score in SCORES],
    }
