"""What a person and the institution write to each other about a case, and how people rate procedures."""

from django.db import models
from django.db.models import Q

from accounts.models import Agency, Person
from documents.models import Document
from procedures.models import Procedure
from workflows.models.cases import Case, CaseParty


class CaseMessage(models.Model):
    """A message in a case, with the documents that came with it; those are in the file (arts. 10 and 17 g, R22)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    from_agency = models.BooleanField()
    text = models.TextField()
    at = models.DateTimeField()
    documents = models.ManyToManyField(Document, related_name="+")
    private_to = models.ForeignKey(CaseParty, null=True, on_delete=models.PROTECT, related_name="+")
    """Whose sensitive or personal data it holds: no other interested person reads it (D10 37, R41)."""

    def __str__(self) -> str:
        return f"{self.case} {self.at}"


class SatisfactionCount(models.Model):
    """How many people gave a procedure a score in a month. Only counts: nobody's answer is kept."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT)
    month = models.DateField()
    """Its first day."""
    score = models.PositiveSmallIntegerField()
    """From 1, very hard, to 5, very easy."""
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "procedure", "month", "score"], name="one_count_per_score"),
            models.CheckConstraint(name="score_from_1_to_5", condition=Q(score__gte=1, score__lte=5)),
        ]

    def __str__(self) -> str:
        return f"{self.procedure} {self.month:%m/%Y}: {self.score} × {self.count}"
