"""The electronic file of a case as officials see it: its index, and what it holds only by reference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.api import format_code, items_of, notes_of
from documents.models import Document, FileItem
from procedures.api import bundle_of
from signatures.api import waiting_for
from workflows import joinders
from workflows.commands.physical import kept
from workflows.keeping import NotYet, keeping_of
from workflows.models import Case
from workflows.presenting import answers, originals, physical
from workflows.presenting.language import document_name, on_page
from workflows.presenting.notified import notified_rows


def file_context(case: Case, today: date) -> dict[str, Any]:
    """The index with what stands beside each item, what is outside the file, and what is still being made."""
    waiting = Document.objects.filter(file=case.file, item=None).order_by("pk")
    keeping = keeping_of(case)
    return {
        "file": case.file,
        "nested": [{"number": one.number, "iuie": one.file.iuie, "ref": one.ref} for one in joinders.nested_in(case)],
        "items": list(_items(case)),
        "things": physical.things(case, page="workflows:desk_document"),
        "is_open": case.finished is None,
        "is_kept": bool(kept(case)),
        "keeping": keeping,
        "not_yet": NOT_YET[keeping.not_yet] if keeping.not_yet else "",
        "notified": notified_rows(case, bundle_of(case.version), "workflows:desk_document"),
        "preparing": [{"title": doc.title, "state": doc.get_state_display()} for doc in waiting],
    }


NOT_YET = {
    NotYet.OPEN: gettext_lazy("El plazo empieza cuando termine la solicitud."),
    NotYet.UNTOLD: gettext_lazy("El plazo no ha empezado: falta notificar lo que se resolvió."),
    NotYet.REVIEWED: gettext_lazy("El plazo no ha empezado: hay un recurso en trámite."),
}


def _items(case: Case) -> Iterator[dict[str, Any]]:
    """The index; beside an item, what became of its original and from whom it is kept."""
    notes = originals.beside(case)
    marks = case.sensitive_marks.filter(lifted_at=None).select_related("party__person", "party__organisation")
    readers = {mark.document_id: str(mark.party) for mark in marks}
    for item in items_of(case.file):
        pk = item.document_id
        beside = [*notes_of(item.document), *notes.get(pk, [])]
        yield {**_item(case, item), "notes": beside, "only_for": readers.get(pk, "")}


def _item(case: Case, item: FileItem) -> dict[str, Any]:
    document = item.document
    number = _(" N° %(number)s") % {"number": document.number} if document.number else ""
    is_verifiable = document.code is not None and document.state == Document.State.IN_FORCE
    return {
        "seq": item.seq,
        "entered_at": item.entered_at,
        "received_at": item.received_at,
        "direction": item.get_direction_display(),
        "origin": ORIGINS.get(item.origin, item.origin),
        "entered_by": item.entered_by,
        "title": format_html("{}{}", document_name(document, on_page(case.version)), number),
        "state": _state_of(document),
        "sha256": item.sha256,
        "final_sha256": document.sha256 if document.sha256 != item.sha256 else "",
        "url": reverse("workflows:desk_document", args=[case.ref, document.pk]) if _is_open(document) else "",
        "verify_url": f"/verificar/{document.code}/" if is_verifiable else "",
        "code": format_code(document.code) if document.code and is_verifiable else "",
    }


def _is_open(document: Document) -> bool:
    return document.blob is not None and not document.blob.is_quarantined


def _state_of(document: Document) -> str:
    """Why it cannot be opened yet; empty when it can."""
    if document.blob is None:
        return waiting_for(document) or _("se está sellando")
    return str(answers.kept_back(document))


ORIGINS = {
    "web form": gettext_lazy("formulario en línea"),
    "paper": gettext_lazy("papel digitalizado"),
    "scan": gettext_lazy("papel digitalizado"),
    "physical": gettext_lazy("entrega física"),
    "system": gettext_lazy("sistema"),
    "interoperability": gettext_lazy("otro servicio del Estado"),
    "brought": gettext_lazy("lo trajo la persona"),
}
