"""Officials whom an interested person asks to keep out of a case."""

from django.db import models

from accounts.models import Agency, Person
from workflows.models.cases import Case


class Challenge(models.Model):
    """A challenge for a conflict of interest (recusación, Ley 19.880 art. 12). Its reasons are in the file and log."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="challenges")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    """The official."""
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "person", "asked_by"], name="one_challenge_per_person_and_official")
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.person}"
