"""Who asked an agency not to be dealt with electronically (Ley 19.880 arts. 18 and 46; DS4 arts. 28 to 35)."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from legaltime.api import local_date
from workflows.models.cases import Case


class Exemption(models.Model):
    """What a person asked for in a case, what was answered, and since when it binds the agency."""

    class State(models.TextChoices):
        ASKED = "asked", gettext_lazy("pedida")
        GRANTED = "granted", gettext_lazy("concedida")
        REFUSED = "refused", gettext_lazy("rechazada")
        DROPPED = "dropped", gettext_lazy("terminada sin decidir")
        ENDED = "ended", gettext_lazy("terminada")

    class Medium(models.TextChoices):
        """Those of NotificationRecord that somebody may ask for."""

        LETTER = "letter", gettext_lazy("carta certificada")
        OFFICE = "office", gettext_lazy("en la oficina")

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="exemption")
    """The case in which it was asked for and decided."""
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exemptions")
    on_paper = models.BooleanField(default=False)
    """Whether it is to file on paper."""
    medium = models.CharField(max_length=8, choices=Medium, blank=True, default="")
    """How they want to be notified; empty where they only file on paper."""
    address = models.CharField(max_length=300, blank=True, default="")
    """Where letters reach them."""
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="exemption_dates", condition=~Q(state="granted") | Q(decided_at__isnull=False, ended_at=None)
            )
        ]
        indexes = [models.Index(fields=["person", "agency"], name="exemption_of_person")]

    def __str__(self) -> str:
        return str(self.get_state_display())

    @property
    def since(self) -> date:
        """The day, at the agency's seat, since when it is as it is."""
        return local_date(self.ended_at or self.decided_at or self.asked_at, self.agency.time_zone)
