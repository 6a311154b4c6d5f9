"""Finding the subject behind an address, a ficha's included that nobody supported yet."""

from __future__ import annotations

from django.http import Http404

from participation.models import Reach, Subject
from participation.queries.subjects import visible
from procedures.api import communes, entry_for
from procedures.models import CatalogueEntry


def subject_at(code: str) -> Subject:
    """The subject with this public code; one that is not stored yet for a ficha without supports. Raises Http404."""
    found = visible().filter(code=code).first()
    if found is not None:
        return found
    institution, _, name = code.partition("--")
    entry = entry_for(institution, name)
    if entry is None:
        raise Http404
    return subject_for(entry)


def subject_for(entry: CatalogueEntry) -> Subject:
    """The subject of a ficha, as stored or as it would be stored with its first support."""
    found = visible().filter(entry=entry).first()
    if found is not None:
        return found
    institution = entry.institution
    return Subject(
        code=subject_code(entry),
        entry=entry,
        agency=institution.agency,
        body_name=institution.name,
        title=entry.name,
        summary=entry.summary,
        reach=reach_of(entry),
        users_a_year=entry.yearly_volume,
    )


REGIONAL = ("gobierno regional", "seremi", "servicio de salud", "delegación presidencial regional")
"""How names of regional bodies begin."""


def subject_code(entry: CatalogueEntry) -> str:
    """The public name of a ficha here; its address, and its name in the tally."""
    return f"{entry.institution.code}--{entry.code}"


def reach_of(entry: CatalogueEntry) -> str:
    """How far the users of a ficha are spread, from its institution's name and the place the catalogue gives it."""
    place, body = entry.place.casefold(), entry.institution.name.casefold()
    if body.startswith("municipalidad"):
        return Reach.COMMUNE
    if not place:
        return Reach.REGION if body.startswith(REGIONAL) else Reach.COUNTRY
    return Reach.COMMUNE if place in {commune.name.casefold() for commune in communes().values()} else Reach.REGION


def count_of(subject: Subject) -> int:
    """How many support it, as last folded."""
    return subject.count.total if hasattr(subject, "count") else 0
