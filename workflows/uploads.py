"""Files that people choose are stored at once, so that an error elsewhere never loses them (pages.md 3.11)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.translation import gettext as _

from documents.api import Inspected, UploadRefused, forget_blobs, inspect_upload, name_picture, store_upload
from documents.models import Blob, Scan
from workflows.errors import FileInfected, TooManyFiles
from workflows.models import Draft, DraftFile

EXTENSIONS = {"application/pdf": (".pdf",), "image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",)}
"""How the name of a file of each admitted type may end; the first is added where none stands."""

MOST_FILES = 100
"""Files that one draft may receive, those replaced included."""


def keep_new_files(*, draft: Draft, form: Any, now: datetime) -> None:
    """Store every good file that came with a page and note it in the form."""
    for name, uploads in form.new_files().items():
        for upload in uploads:
            form.keep_file(name, keep(draft=draft, name=name, upload=upload, now=now))


def keep(*, draft: Draft, name: str, upload: UploadedFile[bytes], now: datetime) -> dict[str, Any]:
    """Store one file that the form accepted; returns the value that stands in the answer. Raises TooManyFiles."""
    scans = Q(field_id=SCAN)  # the paper is of the official: it never lacks room because of what the person attached
    if DraftFile.objects.filter(scans if name == SCAN else ~scans, draft=draft).count() >= MOST_FILES:
        raise TooManyFiles
    seen = inspected(upload)
    blob = store_upload(data=seen.data, media_type=seen.media_type, now=now)
    shown = with_extension(clean_name(upload.name or ""), blob.media_type)
    return keep_stored(draft=draft, name=name, blob=blob, shown=shown, now=now)


def keep_stored(*, draft: Draft, name: str, blob: Blob, shown: str, now: datetime) -> dict[str, Any]:
    """Note a file that is stored already, called `shown`, as the answer to a question; the value that stands in it."""
    row = DraftFile.objects.create(draft=draft, field_id=name[:60], blob=blob, name=shown, created_at=now)
    return {
        "name": row.name,
        "sha256": blob.sha256,
        "size": blob.size,
        "media_type": blob.media_type,
        "draft_file": row.pk,
    }


def forget(draft: Draft) -> None:
    """Delete a draft with its files; what something else names of them stays."""
    blobs = list(draft.files.values_list("blob_id", flat=True))
    draft.delete()
    forget_blobs(blobs=blobs)


def scans_of(draft: Draft) -> dict[int, str]:
    """What the antivirus says of each file of the draft that it has not cleared; by key."""
    if not settings.CLAMD:
        return {}
    rows = DraftFile.objects.filter(draft=draft, blob__scan__in=(Scan.PENDING, Scan.INFECTED))
    return dict(rows.values_list("pk", "blob__scan"))


def infected_file(draft: Draft, given: Any) -> str:
    """The name of a file of these answers that carries a virus; "" when there is none."""
    infected = {pk for pk, scan in scans_of(draft).items() if scan == Scan.INFECTED} & set(stored_files(given))
    found = DraftFile.objects.filter(pk__in=infected).first() if infected else None
    return found.name if found else ""


def inspect(upload: UploadedFile[bytes]) -> None:
    """Look into a file before the form takes it. Raises ValidationError with what to do.

    Not into the beginning of one that is still arriving: a photo of which only a part is here would seem damaged.
    """
    if getattr(upload, "is_beginning", False):
        return
    try:
        inspected(upload)
    except UploadRefused as refusal:
        raise ValidationError(str(refusal)) from refusal


def inspected(upload: UploadedFile[bytes]) -> Inspected:
    """What the file is and the bytes to keep, looked into once. Raises UploadRefused."""
    known: Inspected | None = getattr(upload, "inspected", None)
    if known is None:
        upload.seek(0)
        known = inspect_upload(upload.read())
        upload.seek(0)
        upload.inspected = known  # type: ignore[attr-defined]
    return known


def name_as_picture(name: str) -> bytes:
    """A typed name as the picture of a signature, which says that it was typed."""
    return name_picture(name, _("Nombre escrito por la persona como firma"))


def keep_paper(upload: UploadedFile[bytes] | Blob, *, now: datetime) -> Blob:
    """Store a paper that an official scanned, looked into like any upload, unless it is.

    Raises UploadRefused, and FileInfected of one in which a virus was found since it was stored.
    """
    if isinstance(upload, Blob):
        if upload.scan == Scan.INFECTED:
            raise FileInfected(_("Papel digitalizado"))
        return upload
    seen = inspected(upload)
    return store_upload(data=seen.data, media_type=seen.media_type, now=now)


SCAN = "@paper"
"""In the place of a question: the scan of what the person signed by hand, kept until all of the page is right."""


def keep_scan(*, draft: Draft, upload: UploadedFile[bytes], now: datetime) -> None:
    """Store the scan of the paper, so that a wrong hour never loses it; the last one counts. Raises TooManyFiles."""
    keep(draft=draft, name=SCAN, upload=upload, now=now)


def kept_scan(draft: Draft) -> DraftFile | None:
    """The scan of the paper that was sent last."""
    return DraftFile.objects.filter(draft=draft, field_id=SCAN).select_related("blob").order_by("-pk").first()


def with_extension(name: str, media_type: str) -> str:
    """The name, ending as what the file is: whoever saves it never gets a ".exe"."""
    endings = EXTENSIONS[media_type]
    if media_type == "image/jpeg":  # a photo of an iPhone, made one that everybody can open
        name = re.sub(r"\.(heic|heif)$", endings[0], name, flags=re.IGNORECASE)
    return name if name.lower().endswith(endings) else f"{name[: 120 - len(endings[0])]}{endings[0]}"


def stored_files(answers: Any) -> Iterator[int]:
    """Keys of the stored files that answers name, those in rows of groups included."""
    if isinstance(answers, Mapping):
        if "draft_file" in answers:
            yield int(answers["draft_file"])
            return
        answers = list(answers.values())
    if isinstance(answers, list):
        for answer in answers:
            yield from stored_files(answer)


def clean_name(name: str) -> str:
    """A name fit for headers and screens: no path, no control or direction characters, at most 120 characters."""
    base = PurePath(name.replace("\\", "/")).name
    kept = "".join(char for char in unicodedata.normalize("NFC", base) if unicodedata.category(char)[0] != "C")
    return kept.strip()[-120:] or "documento"
