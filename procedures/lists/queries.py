"""Reads of lists: the version that an application keeps, what a search finds in it, and what a new one changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from procedures.around import ListPlace
from procedures.lists.reading import searchable
from procedures.models import ListEntry, ListVersion, ReferenceList

SHOWN = 20
"""Entries that a search shows; more words find fewer."""


def version_at(place: ListPlace, code: str) -> ListVersion | None:
    """The version of a list in force at a moment, of the first agency that has it; None when there is none."""
    found = ListVersion.objects.filter(
        reference__code=code, reference__owner_id__in=place.agency_ids, published_at__lte=place.at
    ).select_related("reference")
    ordered = sorted(found, key=lambda version: (place.agency_ids.index(version.reference.owner_id), -version.number))
    return ordered[0] if ordered else None


def entries_of(version_id: int, parent: str | None = None) -> QuerySet[ListEntry]:
    """The entries of a version, in their order; with `parent`, those under that entry of the list above."""
    entries = ListEntry.objects.filter(version_id=version_id)
    return (entries if parent is None else entries.filter(parent=parent)).order_by("pk")


def entry_of(version_id: int, code: str, parent: str | None = None) -> ListEntry | None:
    """The entry with that code, if it stands where it should."""
    return entries_of(version_id, parent).filter(code=code).first()


@dataclass(frozen=True)
class Matches:
    """What a search found: the first entries, and how many more there are."""

    entries: list[ListEntry]
    more: int = 0


def search_list(version_id: int, text: str, parent: str | None = None) -> Matches:
    """Entries whose name or code has every word typed, without minding accents; those that begin so come first."""
    typed = searchable(text)
    found = entries_of(version_id, parent)
    for word in typed.split()[:8]:
        found = found.filter(search__contains=word)
    first = list(found.filter(search__startswith=typed)[:SHOWN])
    rest = found.exclude(pk__in=[entry.pk for entry in first])[: SHOWN - len(first)] if len(first) < SHOWN else []
    shown = [*first, *rest]
    return Matches(shown, found.count() - len(shown) if len(shown) == SHOWN else 0)


def exact_entry(version_id: int, text: str, parent: str | None = None) -> ListEntry | None:
    """The only entry that is called or coded exactly like that; None when none or several are."""
    typed = searchable(text)
    near = entries_of(version_id, parent).filter(search__startswith=typed)[:50]
    same = [entry for entry in near if typed == searchable(entry.label)]
    same = same or list(entries_of(version_id, parent).filter(code=text.strip())[:2])
    return same[0] if len(same) == 1 else None


@dataclass(frozen=True)
class ListChanges:
    """What a version changes of the one in force, by the names of the entries."""

    added: list[str]
    removed: list[str]
    renamed: list[tuple[str, str]]


def changes_of(version: ListVersion) -> ListChanges:
    """The difference with the version in force; everything is new in the first one."""
    current = version.reference.versions.exclude(published_at=None).exclude(pk=version.pk).order_by("-number").first()
    before, after = _by_code(current), _by_code(version)
    return ListChanges(
        added=[label for code, label in after.items() if code not in before],
        removed=[label for code, label in before.items() if code not in after],
        renamed=[(before[code], label) for code, label in after.items() if code in before and before[code] != label],
    )


def _by_code(version: ListVersion | None) -> dict[str, str]:
    return dict(version.entries.order_by("pk").values_list("code", "label")) if version else {}


def lists_of(agency_ids: Iterable[int]) -> QuerySet[ReferenceList]:
    """The lists of agencies, by title."""
    return ReferenceList.objects.filter(owner_id__in=list(agency_ids)).order_by("title")
