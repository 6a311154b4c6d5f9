"""Writes of lists: a file is looked at first, and a version that was published never changes."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Agency, Person
from audit.api import append_to_stream
from procedures.errors import AlreadyApplied, ListRefused
from procedures.lists.reading import read_list, searchable
from procedures.models import ListEntry, ListVersion, ReferenceList


@transaction.atomic
def send_list(*, agency: Agency, title: str, content: bytes, by: Person | None, now: datetime) -> ListVersion:
    """Keep the rows of a file as the next version of the agency's list of that title, to be looked at.

    Raises UnreadableCatalogue, and ListRefused when no row can be used.
    """
    reading = read_list(content)
    if not reading.entries:
        raise ListRefused(_("Ninguna fila se puede usar. Revisa que tenga nombre y código."))
    code = slugify(title).replace("-", "_")[:40].strip("_")
    if not code or not code[0].isalpha():
        raise ListRefused(_("Escribe un nombre que empiece con una letra, como «Establecimientos educacionales»."))
    kept, _made = ReferenceList.objects.get_or_create(owner=agency, code=code, defaults={"title": title.strip()[:120]})
    kept.versions.filter(published_at=None).delete()
    version = ListVersion.objects.create(
        reference=kept,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=len(reading.entries),
        problems=reading.problems[:200],
        sent_at=now,
        sent_by=by,
    )
    ListEntry.objects.bulk_create(
        (
            ListEntry(
                version=version,
                code=entry.code,
                label=entry.label,
                parent=entry.parent,
                search=searchable(f"{entry.label} {entry.code}"),
            )
            for entry in reading.entries
        ),
        batch_size=1000,
    )
    return version


@transaction.atomic
def publish_list(*, version: ListVersion, by: Person | None, now: datetime) -> ListVersion:
    """Use the version from now on; applications begun before keep theirs. Raises AlreadyApplied."""
    kept = ReferenceList.objects.select_for_update().get(pk=version.reference_id)
    fresh = ListVersion.objects.get(pk=version.pk)
    if fresh.published_at is not None:
        raise AlreadyApplied
    latest = kept.versions.exclude(published_at=None).order_by("-number").first()
    fresh.number = latest.number + 1 if latest else 1
    fresh.published_at, fresh.published_by = now, by
    fresh.save(update_fields=["number", "published_at", "published_by"])
    append_to_stream(
        stream=f"publishing:{kept.owner_id}",
        kind="list.published",
        actor=f"person:{by.pk}" if by else "system:publish",
        at=now,
        body={"list": kept.code, "version": fresh.number, "sha256": fresh.sha256, "rows": fresh.rows},
    )
    return fresh
