"""Documents of a case that one interested person keeps from the others: they hold sensitive or personal data."""

from django.db import models
from django.db.models import Q

from accounts.models import Agency, Person
from documents.models import Document
from workflows.models.cases import Case, CaseParty


class SensitiveMark(models.Model):
    """Whose sensitive or personal data a document holds: no other interested person opens it (D10 37, R41)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sensitive_marks")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="sensitive_marks")
    party = models.ForeignKey(CaseParty, on_delete=models.PROTECT, related_name="+")
    """Who goes on reading it, with whoever represents them."""
    marked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    reason = models.TextField(blank=True, default="")
    lifted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    """Since when the others read it again, because an official decided so with reasons."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(lifted_at__isnull=True), name="one_mark_in_force_per_document"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document}: {self.party}"
