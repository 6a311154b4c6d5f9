"""Who opened the file of a case."""

from django.db import models

from accounts.models import Membership, Person
from workflows.models.cases import Case


class CaseAccess(models.Model):
    """Who opened a case's file, and when (R40). "Quién vio mi solicitud" reads this."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="accesses")
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()
    is_listed = models.BooleanField(default=False)
    """Whether it was one of several on a page that shows something of each: its messages were not read there."""

    def __str__(self) -> str:
        return f"{self.case} {self.at}"
