"""Writes of the catalogue: an entry with the words by which it is found, and what a publication adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from procedures.catalogue.rules import WEIGHTS, stem, weigh, words
from procedures.models import (
    CatalogueEntry,
    CatalogueTerm,
    CatalogueWord,
    HandOff,
    Institution,
    LifeEvent,
    Offering,
    Online,
)
from procedures.queries import bundle_of
from procedures.schema import Bundle

BATCH = 500


@transaction.atomic
def list_offering(*, offering: Offering, now: datetime) -> CatalogueEntry:
    """Puts an offering in the catalogue, or brings its ficha up to date; what the bundle does not say stays."""
    procedure = offering.version.procedure
    code = procedure.code
    institution = institution_of_agency(offering)
    entry = CatalogueEntry.objects.filter(institution=institution, code=code).first()
    entry = entry or CatalogueEntry(institution=institution, code=code)
    for name, value in _values(bundle_of(offering.version)).items():
        setattr(entry, name, value)
    entry.procedure, entry.online, entry.external_url, entry.changed_at = procedure, Online.HERE, "", now
    entry.save()
    index(entries=[entry])
    return entry


def is_for_people(bundle: Bundle) -> bool:
    """Whether people begin it. Cases that the institution opens by itself have no ficha to look for."""
    return set(bundle.ficha.channels) != {"own_motion"}


def institution_of_agency(offering: Offering) -> Institution:
    """The catalogue's name for the agency that offers, made when new."""
    agency = offering.agency
    institution, _ = Institution.objects.update_or_create(
        code=agency.code, defaults={"name": agency.name, "agency": agency}
    )
    return institution


def _values(bundle: Bundle) -> dict[str, Any]:
    ficha = bundle.ficha
    contact = ficha.contact
    found: dict[str, Any] = {
        "name": bundle.title[:200],
        "summary": bundle.summary[:500],
        "audience": ficha.audience,
        "requirements": list(ficha.requirements),
        "cost": ficha.cost[:300],
        "response": ficha.response[:300],
        "channels": f"{contact.office}, {contact.hours}"[:300],
        "legal_basis": "\n".join(f"{basis.norm}, {basis.article}" for basis in ficha.legal_basis),
        "keywords": list(ficha.keywords),
    }
    optional = {"cpat_code": (ficha.cpat.code or "")[:40], "life_event": ficha.life_event or ""}
    return found | {name: value for name, value in optional.items() if value}


@transaction.atomic
def index(*, entries: Sequence[CatalogueEntry]) -> None:
    """Keeps the words by which entries are found, in place of those they had."""
    terms, seen = [], set()
    for entry in entries:
        texts = _texts(entry)
        found = weigh(texts)
        terms += [CatalogueTerm(entry=entry, stem=one, weight=weight) for one, weight in found.items()]
        seen |= {word for parts in texts.values() for part in parts for word in words(part)}
    _forget([entry.pk for entry in entries])
    CatalogueTerm.objects.bulk_create(terms, batch_size=BATCH)
    fresh = [CatalogueWord(word=word, stem=stem(word)) for word in sorted(seen) if not word.isdigit()]
    CatalogueWord.objects.bulk_create(fresh, batch_size=BATCH, ignore_conflicts=True)


def _forget(ids: Sequence[int]) -> None:
    for first in range(0, len(ids), BATCH):
        CatalogueTerm.objects.filter(entry_id__in=ids[first : first + BATCH]).delete()


def _texts(entry: CatalogueEntry) -> dict[str, Iterable[str]]:
    """What an entry says, by where it stands."""
    event = str(LifeEvent(entry.life_event).label) if entry.life_event else ""
    texts: dict[str, Iterable[str]] = {
        "name": [entry.name],
        "keywords": entry.keywords,
        "institution": [entry.institution.name, entry.place],
        "summary": [entry.summary],
        "life_event": [event],
        "kind": [entry.kind],
        "body": [entry.audience, *entry.requirements, *entry.steps],
    }
    return {place: texts[place] for place in WEIGHTS}


@transaction.atomic
def count_hand_off(*, entry: CatalogueEntry, on: date) -> None:
    """Counts one person who goes on to the other site on a day; nothing of the person is kept."""
    HandOff.objects.get_or_create(entry=entry, day=on)
    HandOff.objects.filter(entry=entry, day=on).update(count=F("count") + 1)
