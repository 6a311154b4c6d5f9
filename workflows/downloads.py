"""Files leaving the house: logged, never cached, never run by the browser on our origin."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from accounts.models import Person
from documents.api import read_blob, record_access
from documents.models import Blob, Document

INLINE = {"application/pdf", "image/jpeg", "image/png"}


def pdf_response(document: Document, *, person: Person | None, through: str, now: datetime) -> HttpResponse:
    """The document's final bytes; notes who took it (R40). Http404 while it has none."""
    if document.blob is None:
        raise Http404
    record_access(document=document, person=person, through=through, now=now)
    return blob_response(document.blob, name=file_name(document))


def blob_response(blob: Blob, *, name: str) -> HttpResponse:
    """The bytes of a file, opened in the browser only where its type runs nothing."""
    media_type = blob.media_type
    response = HttpResponse(read_blob(blob), content_type=media_type)
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
