"""Whether an act that is under appeal is carried out meanwhile (Ley 19.880 art. 57)."""

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from documents.models import Document
from workflows.models.cases import Case


class ActSuspension(models.Model):
    """A reasoned request that an act be not carried out while its appeal is decided, and what was answered."""

    class Ground(models.TextChoices):
        DAMAGE = "damage", gettext_lazy("cumplirlo causaría un daño irreparable")
        IMPOSSIBLE = "impossible", gettext_lazy("si se acoge el recurso, ya no se podría cumplir lo que se resuelva")
        APPEAL = "appeal", gettext_lazy("lo que expone en su recurso")

    class State(models.TextChoices):
        ASKED = "asked", gettext_lazy("pedida")
        GRANTED = "granted", gettext_lazy("concedida")
        REFUSED = "refused", gettext_lazy("rechazada")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="act_suspensions")
    """The appeal."""
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="suspensions")
    """The act under appeal."""
    ground = models.CharField(max_length=12, choices=Ground)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    reason = models.TextField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")
    resolution = models.CharField(max_length=200, blank=True, default="")
    """The reasoned resolution that grants or refuses it."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], name="one_open_act_suspension", condition=models.Q(state__in=["asked", "granted"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.document}: {self.get_state_display()}"
