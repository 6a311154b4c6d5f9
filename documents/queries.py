"""Reads of the electronic file."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from documents import metadata
from documents.codes import InvalidCode, normalise_code
from documents.models import Document, ElectronicFile, FileItem


def items_of(file: ElectronicFile) -> QuerySet[FileItem]:
    """The index in order of entry, with its documents."""
    return file.items.select_related("document", "document__blob").order_by("seq")


def document_by_code(text: str) -> Document | None:
    """The document whose code a person typed, in whatever spelling; None when there is none or it is not issued."""
    try:
        code = normalise_code(text)
    except InvalidCode:
        return None
    issued = (Document.State.IN_FORCE, Document.State.REPLACED, Document.State.ANNULLED)
    return Document.objects.select_related("agency", "file", "blob").filter(code=code, state__in=issued).first()


def document_by_sha256(sha256: str) -> Document | None:
    """The document of ours whose final bytes have this digest. Uploads do not count: we did not issue them."""
    found = Document.objects.select_related("agency", "file", "blob").filter(sha256=sha256, code__isnull=False)
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
        "metadata": metadata.document_metadata(item.document),
    }
