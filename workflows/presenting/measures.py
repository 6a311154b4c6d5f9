"""Links to what the law lets somebody do in a case beside its steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Person
from workflows.measures import Situation, offered
from workflows.measures.base import Side
from workflows.models import Case

PAGES: dict[Side, str] = {"citizen": "workflows:measure", "desk": "workflows:desk_measure"}


def measures_of(case: Case, person: Person, now: datetime, side: Side) -> list[dict[str, Any]]:
    """Title, address and article of each measure that may be taken now."""
    situation = Situation(case, person, now)
    return [
        {
            "slug": measure.slug,
            "title": measure.title,
            "article": measure.article,
            "url": reverse(PAGES[side], args=[case.ref, measure.slug]),
        }
        for measure in offered(side, situation)
    ]
