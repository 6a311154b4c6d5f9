"""The documents of a case that an interested person may open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html

from documents.api import change_of, format_of, notes_of
from documents.models import Document
from procedures.api import Bundle
from workflows.appealing import ACTS
from workflows.models import Case, CaseTask
from workflows.presenting.language import document_name
from workflows.presenting.originals import beside


def visible_documents(case: Case, kept_back: Collection[int] = ()) -> QuerySet[Document]:
    """Documents that the person may open, the latest first: all that entered the file, none still being drafted.

    `kept_back`: ids of those with sensitive data of somebody else.
    """
    entered = Document.objects.filter(file=case.file, item__isnull=False).select_related("blob", "item", "changed_by")
    return entered.exclude(pk__in=kept_back).order_by("-item__seq")


def document_rows(case: Case, bundle: Bundle, page: str, kept_back: Collection[int] = ()) -> list[dict[str, Any]]:
    """What the list says of each that the person may open; `page` is the name of the address that hands one over."""
    notes = beside(case)
    marked = set(case.sensitive_marks.filter(lifted_at=None).values_list("document", flat=True))
    found = visible_documents(case, kept_back)
    return [_document_row(case, one, bundle, page, notes, is_marked=one.pk in marked) for one in found]


def _document_row(
    case: Case, document: Document, bundle: Bundle, page: str, notes: Mapping[int, list[str]], *, is_marked: bool
) -> dict[str, Any]:
    number = f" N° {document.number}" if document.number else ""
    return {
        "title": format_html("{}{}", document_name(document, bundle), number),
        "ready": document.blob is not None and not document.blob.is_quarantined,
        "kept_back": document.blob.get_scan_display() if document.blob and document.blob.is_quarantined else "",
        "entered_at": document.item.entered_at,
        "direction": document.item.get_direction_display(),
        "url": reverse(page, args=[case.ref, document.pk]),
        "format": format_of(document),
        "verify_url": reverse("signatures:verify_code", args=[document.code])
        if document.code and document.blob_id
        else "",
        "pages": document.pages,
        "notes": notes_of(document) + notes.get(document.pk, []),
        "change": change_of(document, on_page=True),
        "is_marked": is_marked,
        "is_decision": document.kind in ACTS and document.state == Document.State.IN_FORCE,
    }


def changed_acts(case: Case, tasks: Sequence[CaseTask], documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The acts that an appeal changed, and whether the case goes on again for it (art. 59)."""
    sent_back = case.finished is None and any(task.step_kind == "end" for task in tasks)
    return {"changes": [row for row in documents if row["change"]], "sent_back": sent_back}
