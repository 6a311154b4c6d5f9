"""Cases that went from one version of their procedure to another by order of the agency."""

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from procedures.models import Offering
from workflows.models.cases import Case


class VersionMove(models.Model):
    """An order to take cases from one version of a procedure to another."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    source = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """Who ordered it; NULL from the command line."""
    at = models.DateTimeField()
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")

    def __str__(self) -> str:
        return f"{self.source.version} → {self.target.version}"


class CaseMove(models.Model):
    """What became of one case of the order."""

    class State(models.TextChoices):
        PENDING = "pending", gettext_lazy("por pasar")
        MOVED = "moved", gettext_lazy("pasó")
        REFUSED = "refused", gettext_lazy("se quedó")

    move = models.ForeignKey(VersionMove, on_delete=models.PROTECT, related_name="cases")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="moves")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    problems = models.JSONField(default=list)
    """Why it stayed, in sentences for staff."""
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["move", "case"], name="one_row_per_case_and_move")]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_state_display()}"
