"""What is shown before somebody proposes: fichas and proposals that may already ask for it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from participation.models import Subject
from participation.queries.finding import subject_code
from participation.queries.subjects import similar_proposals
from procedures.api import search
from procedures.models import CatalogueEntry

MOST = 5


def similar_context(query: str) -> dict[str, Any]:
    """The fichas and proposals nearest to the words; empty before anything is asked."""
    if not query:
        return {"searched": False}
    found = search(query, size=MOST)
    return {
        "searched": True,
        "fichas": [_ficha(entry) for entry in found.entries],
        "proposals": similar_proposals(query, MOST),
    }


def unsupported(query: str) -> list[dict[str, str]]:
    """The fichas nearest to the words that nobody supports yet: no list of requests has them."""
    if not query:
        return []
    entries = search(query, size=MOST).entries
    known = set(Subject.objects.filter(entry__in=entries).values_list("entry_id", flat=True))
    return [_ficha(entry) for entry in entries if entry.pk not in known]


def _ficha(entry: CatalogueEntry) -> dict[str, str]:
    return {
        "name": entry.name,
        "institution": entry.institution.name,
        "url": reverse("participation:subject", args=[subject_code(entry)]),
    }
