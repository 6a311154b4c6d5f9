"""Reads of the catalogue: search with filters, life events, what is asked most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, Q, QuerySet, Sum

from procedures.catalogue import rules
from procedures.catalogue.operations import is_for_people
from procedures.models import CatalogueEntry, CatalogueTerm, CatalogueWord, HandOff, Institution, Offering, Online
from procedures.queries import bundle_of, offering_for

PAGE_SIZE = 20
DIGITAL = (Online.HERE, Online.ELSEWHERE)
LONGEST_SEARCH = 8
"""Words of a search that count."""


@dataclass(frozen=True)
class Filters:
    """What a search is limited to; empty for everything."""

    institution: str = ""
    """Code of the institution."""
    life_event: str = ""
    online: str = ""
    """ "digital" or "paper"."""
    level: int | None = None

    def condition(self, prefix: str = "") -> Q:
        """The condition on entries; `prefix` where they are reached through another table."""
        given = Q()
        if self.institution:
            given &= Q(**{f"{prefix}institution__code": self.institution})
        if self.life_event:
            given &= Q(**{f"{prefix}life_event": self.life_event})
        if self.level is not None:
            given &= Q(**{f"{prefix}level": self.level})
        if self.online:
            digital = Q(**{f"{prefix}online__in": DIGITAL})
            given &= digital if self.online == "digital" else ~digital
        return given


EVERYTHING = Filters()


@dataclass(frozen=True)
class Found:
    """One page of a search."""

    entries: Sequence[CatalogueEntry]
    total: int
    has_all: bool = True
    """Whether every entry has every word; else they are those that come nearest."""
    instead: Sequence[tuple[str, str]] = field(default=())
    """(word written, word searched) where the one written is in no ficha."""
    has_words: bool = True
    """Whether anything was asked that can be searched: a letter alone, or a drawing, cannot."""


def search(query: str, filters: Filters = EVERYTHING, *, page: int = 1, size: int = PAGE_SIZE) -> Found:
    """The page of entries that answer the words, best first; all by name when no word is given.

    Accents, plurals, endings, typing errors and synonyms do not matter. A page past the last one is empty.
    """
    first = (max(page, 1) - 1) * size
    asked, hits = _answers(list(dict.fromkeys(rules.words(query)))[:LONGEST_SEARCH], filters)
    if not asked:
        every = entries().filter(filters.condition()).order_by("name", "pk")
        return Found(list(every[first : first + size]), every.count(), has_words=False)
    ranking = rules.rank(asked, hits, CatalogueEntry.objects.count())
    shown = ranking.entries[first : first + size]
    by_id = entries().in_bulk(shown)
    return Found(
        [by_id[pk] for pk in shown],
        len(ranking.entries),
        ranking.has_all,
        [(word.word, word.instead) for word in asked if word.instead],
    )


def _answers(written: Sequence[str], filters: Filters) -> tuple[list[rules.Wanted], list[tuple[int, str, int]]]:
    """The words as they are searched, with the (entry, stem, weight) that answer them.

    Words that nothing answers are searched as the known ones nearest to them.
    """
    asked = [rules.wanted(word) for word in written]
    hits = _hits(asked, filters)
    answered = {its_stem for _, its_stem, _ in hits}
    unknown = {word.word for word in asked if not answered & word.stems.keys()}
    if not unknown:
        return asked, hits
    vocabulary = list(CatalogueWord.objects.values_list("word", "stem"))
    asked = [rules.near(word.word, vocabulary) if word.word in unknown else word for word in asked]
    return asked, _hits(asked, filters)


def _hits(asked: Sequence[rules.Wanted], filters: Filters) -> list[tuple[int, str, int]]:
    stems = {one for word in asked for one in word.stems}
    hits = CatalogueTerm.objects.filter(filters.condition("entry__"), stem__in=stems)
    return list(hits.values_list("entry_id", "stem", "weight"))


def entries() -> QuerySet[CatalogueEntry]:
    """Entries with what a list shows of them."""
    return CatalogueEntry.objects.select_related("institution__agency", "procedure")


def entry_for(institution_code: str, code: str) -> CatalogueEntry | None:
    """The entry at an address, or None."""
    return entries().filter(institution__code=institution_code, code=code).first()


def life_events() -> dict[str, int]:
    """{life event: entries}, of those that have any."""
    counted = CatalogueEntry.objects.exclude(life_event="").values("life_event").annotate(entries=Count("pk"))
    return {row["life_event"]: row["entries"] for row in counted}


def most_asked(limit: int) -> list[CatalogueEntry]:
    """The entries that most people ask for in a year, then those that can be done here."""
    here_first = Q(online=Online.HERE)
    order = (F("yearly_volume").desc(nulls_last=True), "name")
    asked = list(entries().filter(yearly_volume__isnull=False).order_by(*order)[:limit])
    rest = entries().filter(here_first).exclude(pk__in=[entry.pk for entry in asked]).order_by("name")
    return [*asked, *rest[: max(limit - len(asked), 0)]][:limit]


def institutions() -> QuerySet[Institution]:
    """The institutions that have entries, by name."""
    return Institution.objects.filter(entries__isnull=False).distinct().order_by("name")


def levels() -> list[int]:
    """The levels of digitalisation that entries have."""
    known = CatalogueEntry.objects.filter(level__isnull=False).values_list("level", flat=True)
    return sorted({level for level in known.distinct() if level is not None})


def offered_to_people(
    agency_code: str, procedure_code: str, day: date, *, person_id: int | None = None, unit_id: int | None = None
) -> Offering | None:
    """What an agency offers of a procedure on a day, when people may begin it; None when only the agency does.

    `person_id`, or the `unit_id` of the office that attends somebody, may be invited to a pilot.
    """
    offering = offering_for(agency_code, procedure_code, day, person_id=person_id, unit_id=unit_id)
    return offering if offering is not None and is_for_people(bundle_of(offering.version)) else None


def most_handed_off(since: date, most: int = 20) -> list[tuple[CatalogueEntry, int]]:
    """The fichas from which most people went on to another site since a day, with how many; the most first."""
    counted = HandOff.objects.filter(day__gte=since).values_list("entry").annotate(times=Sum("count"))
    times = dict(counted.order_by("-times", "entry")[:most])
    by_id = entries().in_bulk(times)
    return [(by_id[pk], count) for pk, count in times.items() if pk in by_id]
