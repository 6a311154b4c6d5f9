"""The legal notifications of a case with their certificates, for the applicant and for officials."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from notifications.api import notifications_of
from notifications.models import NotificationRecord
from procedures.api import bundle_of
from workflows.models import Case
from workflows.models.cases import RESERVED
from workflows.notified import subject_of


def notified_rows(case: Case, page: str) -> list[dict[str, Any]]:
    """Each notification in order; `page` opens a document of the case for whoever looks."""
    hidden: set[int | None] = set(case.parties.filter(is_reserved=True).values_list("person_id", flat=True))
    return [_row(case, record, page, hidden) for record in notifications_of(case.file)]


def _row(case: Case, record: NotificationRecord, page: str, hidden: set[int | None]) -> dict[str, Any]:
    certificate = getattr(record, "certificate", None)
    document = certificate.document if certificate is not None else None
    return {
        "what": subject_of(record, bundle_of(case.version)),
        "who": str(RESERVED if record.person_id in hidden else record.person),
        "medium": record.get_medium_display(),
        "effective_on": record.effective_on,
        "url": reverse(page, args=[case.ref, document.pk]) if document is not None and document.blob_id else "",
        "is_sealing": document is not None and document.blob_id is None,
    }
