"""Writes of the electronic file: blobs, documents, index items, numbers."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import Agency, Person
from audit import api as audit
from documents import storage
from documents.content import DocumentContent, Signer, Verification
from documents.errors import ContentFrozen, DocumentEmpty, FileClosed, NumberAntedated, Quarantined
from documents.models import (
    Blob,
    BookEntry,
    Document,
    DocumentAccess,
    ElectronicFile,
    FileItem,
    NumberingBook,
    PhysicalEntry,
    Scan,
)
from documents.queries import same_act
from documents.rules import new_code, new_iuie
from jobs.api import enqueue
from legaltime import api as legaltime

SCAN_JOB = "documents.scan"
ORPHAN_AGE = timedelta(hours=24)
"""No transaction that wrote a file takes this long to commit its row."""
SWEPT_AT_ONCE = 500
"""Files whose rows one query looks for."""


# Blobs


def store_blob(*, data: bytes, media_type: str, now: datetime) -> Blob:
    """Encrypt and store `data`, then add its row. A rolled-back transaction leaves an orphan that the sweep takes."""
    return adopt(stored=storage.write(data, media_type), now=now)


def adopt(*, stored: storage.StoredBytes, now: datetime) -> Blob:
    """The row of bytes that `storage.write` stored outside a transaction."""
    return Blob.objects.create(created_at=now, **asdict(stored))


def store_upload(*, data: bytes, media_type: str, now: datetime) -> Blob:
    """Store what came from outside; where an antivirus is set up, in quarantine until it has looked at it."""
    blob = store_blob(data=data, media_type=media_type, now=now)
    if settings.CLAMD:
        blob.scan = Scan.PENDING
        blob.save(update_fields=["scan"])
        enqueue(kind=SCAN_JOB, payload={"blob": blob.pk}, now=now)
    return blob


def read_blob(blob: Blob) -> bytes:
    """The plaintext. Raises Quarantined, BlobDamaged when stored bytes are missing or changed, and FilesUnavailable."""
    if blob.is_quarantined:
        raise Quarantined(_("La revisión de virus no ha dejado pasar este archivo. Espera o pide otro."))
    return storage.read(blob.storage_key, blob.sha256)


def forget_blobs(*, blobs: Iterable[int]) -> int:
    """Remove the rows of those that nothing names any more, and so their bytes with the next sweep; how many went."""
    removed = 0
    for blob in Blob.objects.filter(pk__in=blobs).order_by("pk"):
        with suppress(ProtectedError), transaction.atomic():
            blob.delete()
            removed += 1
    return removed


def sweep_orphans(*, now: datetime) -> int:
    """Remove files older than a day that no row names; returns how many. Raises FilesUnavailable."""
    place, removed = storage.place(), 0
    old = place.written_before(now - ORPHAN_AGE)
    while keys := list(islice(old, SWEPT_AT_ONCE)):
        known = set(Blob.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True))
        for key in set(keys) - known:
            place.remove(key)
            removed += 1
    return removed


# The file and its index


def open_file(*, agency: Agency, title: str, subject: str, procedure_code: str, now: datetime) -> ElectronicFile:
    """Open the one electronic file of a procedure instance, with an automatic identifier (Ley 19.880 art. 18; R1)."""
    opened_on = legaltime.local_date(now, agency.time_zone)
    iuie = new_iuie(opened_on)
    while ElectronicFile.objects.filter(agency=agency, iuie=iuie).exists():
        iuie = new_iuie(opened_on)
    return ElectronicFile.objects.create(
        agency=agency, iuie=iuie, title=title, subject=subject, procedure_code=procedure_code, opened_at=now
    )


def close_file(*, file_id: int, now: datetime) -> None:
    """Close the file when its procedure ends. Closing twice keeps the first date."""
    ElectronicFile.objects.filter(pk=file_id, closed_at=None).update(closed_at=now)


def reopen_file(*, file_id: int) -> None:
    """Open the file of a procedure that goes on again, by order of an act: it closes anew when that ends."""
    ElectronicFile.objects.filter(pk=file_id).update(closed_at=None)


@transaction.atomic
def add_item(
    *,
    file: ElectronicFile,
    document: Document,
    direction: str,
    origin: str,
    entered_by: str,
    now: datetime,
    after_closing: bool = False,
    received_at: datetime | None = None,
) -> FileItem:
    """Enter a document in the index, in strict order and without gaps (Ley 19.880 art. 18; DS 4 art. 8; R2).

    A document whose text is frozen enters when it is received, under the hash of that text: filing never waits
    for its PDF. `received_at`: when the paper was handed over, where it enters later. The caller holds the lock of the
    case; the file's row is locked here too. Raises DocumentEmpty, and FileClosed unless `after_closing`, for what
    proves that the terminal act was notified.
    """
    digest = document.sha256 or document.content_sha256
    if not digest:
        raise DocumentEmpty(_("El documento aún no está terminado: entra al expediente cuando se firma o se sella."))
    locked = ElectronicFile.objects.select_for_update().get(pk=file.pk)
    if locked.closed_at is not None and not after_closing:
        closed = _("El expediente %(iuie)s está cerrado y no recibe más documentos.")
        raise FileClosed(closed % {"iuie": locked.iuie})
    locked.last_seq += 1
    locked.save(update_fields=["last_seq"])
    file.last_seq = locked.last_seq
    return FileItem.objects.create(
        file=locked,
        seq=locked.last_seq,
        document=document,
        entered_at=now,
        received_at=received_at,
        direction=direction,
        origin=origin,
        entered_by=entered_by,
        sha256=digest,
    )


def note_physical(*, document: Document, entry: PhysicalEntry) -> PhysicalEntry:
    """State in the file what its sealed `document` says of something that cannot be digitised (D10 26; R51)."""
    entry.document = document
    entry.save(force_insert=True)
    return entry


# Documents


@transaction.atomic
def create_document(
    *,
    file: ElectronicFile,
    kind: str,
    title: str,
    content: DocumentContent | None,
    definition_id: str = "",
    required_signature: str = "seal",
    is_public: bool = False,
    now: datetime,
) -> Document:
    """A draft with its verification code. Without `content` it waits for `freeze_content`."""
    document = Document.objects.create(
        file=file,
        agency_id=file.agency_id,
        definition_id=definition_id,
        kind=kind,
        title=title,
        code=new_code(),
        is_public=is_public,
        required_signature=required_signature,
        is_demonstration=settings.DEMO,
        created_at=now,
    )
    return document if content is None else freeze_content(document=document, content=content, now=now)


@transaction.atomic
def freeze_content(*, document: Document, content: DocumentContent, now: datetime) -> Document:
    """Set what a document says, with its code, date of making and marks.

    Raises ContentFrozen once it was rendered or entered the file.
    """
    is_entered = FileItem.objects.filter(document=document).exists()
    if is_entered or document.rendered_id or document.blob_id or not document.code:
        raise ContentFrozen(_("El documento ya se está emitiendo y su texto no puede cambiar. Emite uno nuevo."))
    complete = content.model_copy(
        update={
            "verification": Verification(code=document.code, url=verification_url(document.code)),
            "demonstration": settings.DEMO,
            "timestamped": bool(settings.TSA_URL),
            "stamp_may_lack": bool(settings.TSA_URL) and not settings.TSA_REQUIRED,
            "created_at": now.replace(microsecond=0),
            "signers": tuple(_with_kind(signer, document) for signer in content.signers),
        }
    )
    data: dict[str, Any] = complete.model_dump(mode="json")
    document.content = data
    document.content_sha256 = audit.sha256_hex(audit.canonical_bytes(data))
    document.is_demonstration = complete.demonstration
    document.save(update_fields=["content", "content_sha256", "is_demonstration"])
    return document


def _with_kind(signer: Signer, document: Document) -> Signer:
    """The signer with the kind of signature in words below the name."""
    words = {"advanced": _("Firma electrónica avanzada"), "simple": _("Firma electrónica simple")}
    kind = _("Firma de demostración") if settings.DEMO else words.get(document.required_signature, "")
    return signer if signer.kind else signer.model_copy(update={"kind": kind})


def verification_url(code: str) -> str:
    """The address that the QR carries: capitals only, so that the QR is small (alphanumeric mode)."""
    return f"{settings.PUBLIC_URL}/verificar/{code}".upper()


def attach_upload(*, file: ElectronicFile, blob: Blob, title: str, now: datetime, copy_for: str = "") -> Document:
    """A person's uploaded file as a document of the electronic file, in force as it came.

    With `copy_for`, whoever did not hand it over gets a copy marked with those words (`documents.copies`).
    """
    return Document.objects.create(
        file=file,
        agency_id=file.agency_id,
        kind=Document.Kind.ATTACHMENT,
        title=title,
        state=Document.State.IN_FORCE,
        required_signature="none",
        content={"copy_for": copy_for} if copy_for else {},
        blob=blob,
        sha256=blob.sha256,
        created_at=now,
    )


def copy_act(*, document: Document, file: ElectronicFile, now: datetime) -> Document:
    """An act in force, with its number and its signatures, as a document of another file of the same agency.

    Its bytes are the same, so its verification code leads to the original, of which it is a copy also where `document`
    is another copy. Raises BlobDamaged, FilesUnavailable.
    """
    assert document.blob is not None, "an act in force has its bytes"
    return Document.objects.create(
        file=file,
        agency_id=file.agency_id,
        definition_id=document.definition_id,
        kind=document.kind,
        title=document.title,
        state=Document.State.IN_FORCE,
        number=document.number,
        issued_on=document.issued_on,
        required_signature=document.required_signature,
        content=document.content,
        content_sha256=document.content_sha256,
        blob=store_blob(data=read_blob(document.blob), media_type=document.blob.media_type, now=now),
        sha256=document.sha256,
        pages=document.pages,
        is_demonstration=document.is_demonstration,
        copy_of_id=document.copy_of_id or document.pk,
        pauses=document.pauses,
        created_at=now,
    )


def start_issuing(*, document: Document, rendered: Blob, pages: int, toolchain: dict[str, str]) -> Document:
    """Keep the rendered PDF: from here on the content cannot change."""
    document.rendered = rendered
    document.pages = pages
    document.toolchain = toolchain
    document.state = Document.State.ISSUING
    document.save(update_fields=["rendered", "pages", "toolchain", "state"])
    return document


def put_in_force(*, document: Document, blob: Blob) -> Document:
    """The closing signature is on `blob`: these are the document's final bytes."""
    document.blob = blob
    document.sha256 = blob.sha256
    document.state = Document.State.IN_FORCE
    document.save(update_fields=["blob", "sha256", "state"])
    return document


def change_act(*, document: Document, by: Document, state: str) -> Document:
    """A later act changed this one: it is replaced, annulled, or still in force as modified (Ley 19.880 art. 59)."""
    document.changed_by = by
    document.state = state
    document.save(update_fields=["changed_by", "state"])
    return document


def suspend_act(*, document: Document, order: int, by: str, on: date) -> None:
    """The effects of an act are suspended from that day by a resolution, in every file that has it (art. 57).

    `order` tells this suspension from others of the same act.
    """
    for one in same_act(document).select_for_update().order_by("pk"):
        one.pauses = [*one.pauses, {"order": order, "by": by, "since": on.isoformat(), "until": ""}]
        one.save(update_fields=["pauses"])


def resume_act(*, document: Document, order: int, on: date) -> None:
    """That suspension is over from that day; nothing where it had ended."""
    for one in same_act(document).select_for_update().order_by("pk"):
        for pause in one.pauses:
            if pause["order"] == order and not pause["until"]:
                pause["until"] = on.isoformat()
        one.save(update_fields=["pauses"])


def renew_bytes(*, document: Document, blob: Blob) -> Document:
    """`blob` is the same document with fresh proof behind it; whether it is in force does not change."""
    document.blob = blob
    document.sha256 = blob.sha256
    document.save(update_fields=["blob", "sha256"])
    return document


def record_access(*, document: Document, person: Person | None, through: str, now: datetime) -> DocumentAccess:
    """Note who opened a document and through which door: "desk", "citizen", "verification" (R40)."""
    return DocumentAccess.objects.create(document=document, person=person, at=now, through=through)


# Numbers


@transaction.atomic
def give_number(*, agency: Agency, kind: str, document: Document | None, now: datetime) -> BookEntry:
    """The next number of the book of this agency, kind and Chilean year: no gaps, never reused, never antedated.

    Locks the book, so call it last. A document that has a number keeps it. Sets `number` and `issued_on` on it.
    Raises NumberAntedated when the clock shows a day before the book's last number.
    """
    if document is not None and (given := BookEntry.objects.filter(document=document).first()):
        return given
    today = legaltime.local_date(now, agency.time_zone)
    book = _locked_book(agency, kind, today.year)
    _refuse_antedating(book, today)
    book.last += 1
    book.last_on = today
    book.save(update_fields=["last", "last_on"])
    if document is not None:
        document.number = str(book.last)
        document.issued_on = today
        document.save(update_fields=["number", "issued_on"])
    return BookEntry.objects.create(book=book, number=book.last, document=document, given_on=today, given_at=now)


def _locked_book(agency: Agency, kind: str, year: int) -> NumberingBook:
    NumberingBook.objects.get_or_create(agency=agency, kind=kind, year=year)
    return NumberingBook.objects.select_for_update().get(agency=agency, kind=kind, year=year)


def _refuse_antedating(book: NumberingBook, today: date) -> None:
    day_is_past = book.last_on is not None and book.last_on > today
    later_book = NumberingBook.objects.filter(agency=book.agency, kind=book.kind, year__gt=today.year, last__gt=0)
    if day_is_past or later_book.exists():
        raise NumberAntedated(
            _("El reloj marca un día anterior al último número del libro. Corrige la hora e intenta de nuevo.")
        )
