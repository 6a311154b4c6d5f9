"""Files leaving the house: logged, never cached, never run by the browser on our origin."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from accounts.models import Person
from documents.api import mark_of, marked_copy, read_blob, record_access
from documents.models import Blob, Document

INLINE = {"application/pdf", "image/jpeg", "image/png"}


def pdf_response(
    document: Document, *, person: Person | None, through: str, now: datetime, is_own: bool = False
) -> HttpResponse:
    """The document's final bytes; notes who took it (R40). Http404 while it has none.

    Whoever did not hand it over (`is_own`) gets the marked copy of an identity paper. Raises FilesUnavailable.
    """
    if document.blob is None or document.blob.is_quarantined:
        raise Http404
    record_access(document=document, person=person, through=through, now=now)
    name = file_name(document)
    if mark_of(document) and not is_own:
        return file_response(*marked_copy(document), name=name)
    return blob_response(document.blob, name=name)


def blob_response(blob: Blob, *, name: str) -> HttpResponse:
    """The bytes of a file, opened in the browser only where its type runs nothing; Http404 while in quarantine."""
    if blob.is_quarantined:
        raise Http404
    return file_response(read_blob(blob), blob.media_type, name=name)


def file_response(data: bytes, media_type: str, *, name: str) -> HttpResponse:
    """Bytes that were not read from a file of a case; opened in the browser only where their type runs nothing."""
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(media_type not in INLINE, name) or ""
    response["Content-Security-Policy"] = policy(media_type)
    response["Cache-Control"] = "no-store, private"
    return response


def policy(media_type: str) -> str:
    """The policy of a file: nothing may be loaded or run. A PDF opens in its reader, which has a sandbox of its own;
    the sandbox directive would keep the reader from opening it."""
    rest = "object-src 'self'" if media_type == "application/pdf" else "sandbox"
    return f"default-src 'none'; frame-ancestors 'none'; {rest}"


def file_name(document: Document) -> str:
    """A name that says what it is; uploads keep their own."""
    if document.kind == Document.Kind.ATTACHMENT:
        return document.title
    number = f" {document.number}" if document.number else ""
    return f"{document.title}{number}.pdf"
