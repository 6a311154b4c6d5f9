"""The legal notifications of a case with their certificates, for the applicant and for officials."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from notifications.api import notifications_of
from notifications.models import NotificationRecord
from procedures.api import Bundle
from workflows.models import Case, CaseParty
from workflows.notified import parties_of, subject_of, whom


def notified_rows(case: Case, bundle: Bundle, page: str) -> list[dict[str, Any]]:
    """Each notification in order; `bundle` names the steps, and `page` opens a document, for whoever looks."""
    parties = parties_of(case)
    return [
        {"what": subject_of(record, bundle), **_row(case, record, page, parties)}
        for record in notifications_of(case.file)
    ]


def _row(case: Case, record: NotificationRecord, page: str, parties: list[CaseParty]) -> dict[str, Any]:
    certificate = getattr(record, "certificate", None)
    document = certificate.document if certificate is not None else None
    return {
        "who": whom(parties, record.person, str(record.person)),
        "medium": record.get_medium_display(),
        "effective_on": record.effective_on,
        "url": reverse(page, args=[case.ref, document.pk]) if document is not None and document.blob_id else "",
        "is_sealing": document is not None and document.blob_id is None,
    }
