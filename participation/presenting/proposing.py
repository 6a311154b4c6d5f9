"""What is shown before somebody proposes: fichas and proposals that may already ask for it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from participation.queries.finding import subject_code
from participation.queries.subjects import similar_proposals
from procedures.api import search

MOST = 5


def similar_context(query: str) -> dict[str, Any]:
    """The fichas and proposals nearest to the words; empty before anything is asked."""
    if not query:
        return {"searched": False}
    found = search(query, size=MOST)
    return {
        "searched": True,
        "fichas": [
            {
                "name": entry.name,
                "institution": entry.institution.name,
                "url": reverse("participation:subject", args=[subject_code(entry)]),
            }
            for entry in found.entries
        ],
        "proposals": similar_proposals(query, MOST),
    }
