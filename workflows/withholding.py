"""What of a case another interested person does not read: the sensitive data of whoever applied (D10 37; R41)."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.models import Person
from documents.models import Document
from workflows.access import filed_by
from workflows.models import Case, SubmissionValue

BROUGHT = "brought"
"""Origin of what the person brought because they do not let another body send it: sensitive data of theirs."""
KEPT_BACK = gettext_lazy("datos sensibles de quien solicita")


def withheld(case: Case, person: Person) -> list[int]:
    """Ids of the documents of the case with sensitive data of somebody else, which `person` does not open."""
    if filed_by(case, person):
        return []
    answers = SubmissionValue.objects.filter(submission__case=case, sealed__isnull=False)
    answers = answers.exclude(submission__author=person)
    # What was filed has its answers as a document too, which entered at the same instant: in the same transaction.
    as_document = Q(kind=Document.Kind.APPLICATION, created_at__in=answers.values("submission__at"))
    attached = Q(pk__in=answers.values("document")) | Q(pk__in=answers.values("more_documents"))
    sensitive = Q(exchanges__is_sensitive=True) | Q(item__origin=BROUGHT) | as_document | attached
    return list(Document.objects.filter(sensitive, file=case.file_id).values_list("pk", flat=True).distinct())
