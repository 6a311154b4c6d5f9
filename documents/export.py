"""A whole electronic file as one ZIP: its documents, its index with metadata and folios, the digest of each part."""

import hashlib
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import IO, Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

from audit import api as audit
from documents import metadata
from documents.copies import mark_of, marked_copy
from documents.models import Document, ElectronicFile, FileItem, PhysicalEntry
from documents.operations import read_blob
from documents.queries import index_of, items_of

IN_MEMORY = 16 * 1024 * 1024
"""Bytes; a bigger file is written to disk while it is made."""
ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "application/json": ".json"}
WITHHELD = gettext_lazy("Documento con datos sensibles de otra persona")
"""What a document is called that is not for this reader."""


@dataclass(frozen=True)
class Part:
    """A document of the file, its place in the ZIP and its folios: a page each, counted through the whole file."""

    item: FileItem
    name: str
    first_folio: int
    last_folio: int
    sha256: str
    """Of the bytes in the ZIP; empty while the document has none."""
    copy: bytes = b""
    """A marked copy that goes in its place."""
    is_withheld: bool = False
    """Whether it is somebody else's and not for this reader, nor what it is called."""

    @property
    def physical(self) -> PhysicalEntry | None:
        """What it says of something that is not in the ZIP because it cannot be digitised."""
        return None if self.is_withheld else getattr(self.item.document, "physical", None)

    @property
    def data(self) -> bytes:
        """The bytes in the ZIP."""
        assert self.item.document.blob is not None
        return self.copy or read_blob(self.item.document.blob)


def export_file(
    file: ElectronicFile,
    *,
    now: datetime,
    actors: Iterable[metadata.Actor] = (),
    annexes: Mapping[str, bytes] | None = None,
    nested: Iterable[str] = (),
    conservation: Mapping[str, object] | None = None,
    marked: bool = False,
    withheld: Collection[int] = (),
) -> IO[bytes]:
    """The ZIP, open at its beginning (D10 19; R62). `annexes` are more files, by name: traceability, accesses.

    `nested`: identifiers of the files that this one holds (D10 23), which go along as annexes.
    `conservation`: how long it must be kept, by which norm and until when (DS 4 art. 50; R71).
    `marked`: of a document with a mark goes its copy, not the original. `withheld`: ids of those of which the index
    says no more than that they are there.
    Names inside are made here, of plain letters: what a person called a file stays in the index, as data. Raises
    BlobDamaged: a file with a damaged document is not handed out as if it were whole.
    """
    parts = list(_parts(file, marked, withheld))
    index = {
        **_index(file, actors, {part.item.seq for part in parts if part.is_withheld}),
        "exported_at": now.astimezone(UTC).isoformat(),
        "parts": [_described(part) for part in parts],
        "nested": list(nested),
        "conservation": dict(conservation or {}),
    }
    page = render_to_string("documents/index.html", {"file": file, "parts": parts, "now": now})
    texts = {"indice.json": audit.canonical_bytes(index), "indice.html": page.encode(), **(annexes or {})}
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (the caller closes it)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in texts.items():
            archive.writestr(_entry(name, now), data)
        for part in parts:
            if part.sha256 and part.item.document.blob is not None:
                archive.writestr(_entry(part.name, part.item.entered_at), part.data)
        archive.writestr(_entry("SHA256SUMS", now), _digests(texts, parts))
    out.seek(0)
    return out


def export_name(file: ElectronicFile) -> str:
    """What the ZIP is called."""
    return f"{_plain(file.iuie)}.zip"


def _index(file: ElectronicFile, actors: Iterable[metadata.Actor], hidden: Collection[int]) -> dict[str, Any]:
    """The electronic index; the items of these places are not called by their title."""
    index = index_of(file, actors=actors)
    for item in index["items"]:
        if item["seq"] in hidden:
            item["metadata"]["MGDDE1_6"] = str(WITHHELD)
            item["metadata"].pop("MGDDE5_5", None)
            item.pop("physical", None)
    return index


def _parts(file: ElectronicFile, marked: bool, withheld: Collection[int]) -> Iterator[Part]:
    folio = 0
    for item in items_of(file):
        document = item.document
        pages = document.pages or 1
        name = f"documentos/{item.seq:03d}-{_plain(document.title)}{_ending(document)}"
        is_withheld = document.pk in withheld
        digest = "" if is_withheld else _digest(document)
        part = Part(item, name, folio + 1, folio + pages, digest, is_withheld=is_withheld)
        yield _copied(part) if marked and part.sha256 and mark_of(document) else part
        folio += pages


def _copied(part: Part) -> Part:
    copy, media_type = marked_copy(part.item.document)
    name = f"{part.name.rpartition('.')[0]}{ENDINGS[media_type]}"
    return replace(part, name=name, sha256=hashlib.sha256(copy).hexdigest(), copy=copy)


def _digest(document: Document) -> str:
    """Of the bytes that go along; none where there are none yet, or the antivirus keeps them."""
    return document.blob.sha256 if document.blob and not document.blob.is_quarantined else ""


def _described(part: Part) -> dict[str, object]:
    folios = {"first": part.first_folio, "last": part.last_folio}
    return {"seq": part.item.seq, "name": part.name if part.sha256 else "", "sha256": part.sha256, "folios": folios}


def _digests(texts: Mapping[str, bytes], parts: Iterable[Part]) -> str:
    """As `sha256sum --check` reads them."""
    found = {name: hashlib.sha256(data).hexdigest() for name, data in texts.items()}
    found.update({part.name: part.sha256 for part in parts if part.sha256})
    return "".join(f"{digest}  {name}\n" for name, digest in found.items())


def _plain(title: str) -> str:
    """Lower case letters, digits and hyphens, at most 60: no path, no header and no reserved name can hide in it."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:60].strip("-") or "documento"


def format_of(document: Document) -> str:
    """The format of its bytes as people call it, "PDF" or "JPG"; that of what will be made where there are none yet."""
    return _ending(document).removeprefix(".").upper()


def _ending(document: Document) -> str:
    return ENDINGS.get(document.blob.media_type, ".bin") if document.blob else ".pdf"


def _entry(name: str, moment: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=moment.astimezone(UTC).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
