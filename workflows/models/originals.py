"""The original of a copy that somebody handed in, which an official asks to be shown (Ley 19.880 art. 19 bis; R50)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from documents.models import Document
from workflows.models.cases import Case, CaseParty
from workflows.models.clocks import Deadline


class OriginalRequest(models.Model):
    """An official asked to be shown the original of one document of the file, and what came of it (DS 4 art. 11).

    The case goes on meanwhile. It is notified like a step, whose part `step_id` and `occurrence` play.
    """

    class Outcome(models.TextChoices):
        WAITING = "", gettext_lazy("aún no se muestra")
        EQUAL = "equal", gettext_lazy("se mostró y es igual a la copia")
        DIFFERENT = "different", gettext_lazy("se mostró y es distinto de la copia")
        NOT_SHOWN = "not_shown", gettext_lazy("no se mostró")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="original_requests")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="original_requests")
    """The copy whose original is asked for."""
    order = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    """The sealed document by which it is asked."""
    party = models.ForeignKey(CaseParty, on_delete=models.PROTECT, related_name="+")
    """Who handed the copy in, and keeps its original."""
    reason = models.TextField()
    deadline = models.OneToOneField(Deadline, null=True, on_delete=models.PROTECT, related_name="original_request")
    """NULL when no time was set: the law sets none."""
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default=Outcome.WAITING)
    note = models.TextField(blank=True, default="")
    """What was seen, or why it is taken as not shown."""
    record = models.OneToOneField(Document, null=True, on_delete=models.PROTECT, related_name="+")
    """The sealed document that says what came of it."""
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document"], condition=Q(outcome=""), name="one_original_asked_at_a_time"),
            models.CheckConstraint(
                name="original_closed_with_outcome",
                condition=Q(outcome="", closed_at=None) | (~Q(outcome="") & Q(closed_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}: {self.get_outcome_display()}"

    PREFIX = "original-"
    """How the names under which requests are notified begin; no id of a step has a hyphen."""
    occurrence = 1

    @property
    def step_id(self) -> str:
        """The name under which it is notified."""
        return f"{self.PREFIX}{self.pk}"

    @property
    def step_title(self) -> str:
        """What is notified, in words."""
        return self.order.title
