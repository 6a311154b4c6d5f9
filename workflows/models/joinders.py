"""Orders that join a case to an older one, and that split them again (Ley 19.880 art. 33, R63)."""

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from workflows.models.cases import Case


class Joinder(models.Model):
    """A case joined to an older one by a reasoned resolution, and how that ended. No appeal lies against either."""

    class End(models.TextChoices):
        DECIDED = "decided", gettext_lazy("se resolvió con la más antigua")
        SPLIT = "split", gettext_lazy("se desacumuló")
        RETURNED = "returned", gettext_lazy("la más antigua terminó sin decidir sobre las dos")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="joinders")
    principal = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="joinders_received")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    resolution = models.CharField(max_length=200)
    """The resolution that orders it, as its author cites it."""
    reason = models.TextField()
    ordered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    end = models.CharField(max_length=10, choices=End, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], name="one_joinder_in_force", condition=models.Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} → {self.principal}"
