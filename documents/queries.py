"""Reads of the electronic file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from documents import metadata
from documents.codes import InvalidCode, normalise_code
from documents.models import Document, ElectronicFile, FileItem, PhysicalEntry


def items_of(file: ElectronicFile) -> QuerySet[FileItem]:
    """The index in order of entry, with its documents."""
    related = ("document", "document__blob", "document__physical", "document__changed_by")
    return file.items.select_related(*related).order_by("seq")


@dataclass(frozen=True)
class PhysicalThing:
    """Something that stays outside the electronic file, with all that was entered about it, the oldest first."""

    entries: tuple[PhysicalEntry, ...]

    @property
    def first(self) -> PhysicalEntry:
        """How it came to be known."""
        return self.entries[0]

    @property
    def now(self) -> PhysicalEntry:
        """Where it is and who has it."""
        return self.entries[-1]

    @property
    def origin(self) -> PhysicalEntry:
        """Its reception, which states why it was not digitised; its announcement while it was not received."""
        return next((one for one in self.entries if one.kind == PhysicalEntry.Kind.RECEIVED), self.first)


def physical_things(file: ElectronicFile) -> list[PhysicalThing]:
    """What the file holds only by reference, in the order in which it came to be known (D10 26; R51)."""
    entries = PhysicalEntry.objects.filter(document__file=file).select_related("document__item", "document__blob")
    found: dict[int, list[PhysicalEntry]] = {}
    for entry in entries.order_by("pk"):
        found.setdefault(entry.first_id or entry.pk, []).append(entry)
    return [PhysicalThing(tuple(some)) for some in found.values()]


def same_act(document: Document) -> QuerySet[Document]:
    """An act with its copies in the files of other cases, whichever of them is given."""
    signed = document.copy_of_id or document.pk
    return Document.objects.filter(Q(pk=signed) | Q(copy_of=signed))


def document_by_code(text: str) -> Document | None:
    """The document whose code a person typed, in whatever spelling; None when there is none or it is not issued."""
    try:
        code = normalise_code(text)
    except InvalidCode:
        return None
    issued = (Document.State.IN_FORCE, Document.State.REPLACED, Document.State.ANNULLED)
    return (
        Document.objects.select_related("agency", "file", "blob", "changed_by")
        .filter(code=code, state__in=issued)
        .first()
    )


def document_by_sha256(sha256: str) -> Document | None:
    """The document of ours whose final bytes have this digest. Uploads do not count: we did not issue them."""
    issued = Document.objects.select_related("agency", "file", "blob", "changed_by")
    found = issued.filter(sha256=sha256, code__isnull=False)
    return found.exclude(state=Document.State.DRAFT).order_by("pk").first()


def index_of(file: ElectronicFile, *, actors: Iterable[metadata.Actor] = ()) -> dict[str, Any]:
    """The electronic index (D10 19) with the metadata of the file and of each item, ready for JSON."""
    items = [_entry(item) for item in items_of(file).select_related("document__file__agency", "document__item")]
    return {"version": 1, "metadata": metadata.file_metadata(file, actors=actors), "items": items}


def _entry(item: FileItem) -> dict[str, Any]:
    return {
        "seq": item.seq,
        "entered_at": item.entered_at.isoformat(),
        "received_at": (item.received_at or item.entered_at).isoformat(),
        "direction": item.direction,
        "origin": item.origin,
        "entered_by": item.entered_by,
        "sha256": item.sha256,
        **_physical(getattr(item.document, "physical", None)),
        "metadata": metadata.document_metadata(item.document),
    }


def _physical(entry: PhysicalEntry | None) -> dict[str, Any]:
    """Of an item that refers to something outside the file: what it is, where it went, and why."""
    if entry is None:
        return {}
    return {
        "physical": {
            "what": entry.what,
            "event": entry.kind,
            "cause": entry.cause,
            "reason": entry.reason,
            "resolution": entry.resolution,
            "place": entry.place,
            "handed_by": entry.handed_by,
            "received_by": entry.received_by,
            "on": entry.happened_on.isoformat() if entry.happened_on else "",
        }
    }
