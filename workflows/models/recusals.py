"""Officials who keep out of a case."""

from django.db import models

from accounts.models import Agency, Person
from workflows.models.cases import Case


class Recusal(models.Model):
    """An official who keeps out of a case for a conflict of interest (Ley 19.880 art. 12). The reason is in the log."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="recusals")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="one_recusal_per_person")]

    def __str__(self) -> str:
        return f"{self.case}: {self.person}"
