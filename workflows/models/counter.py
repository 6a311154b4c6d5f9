"""Attending somebody at the counter: an official acts for a person who is there."""

from django.db import models

from accounts.models import Agency, Mandate, Membership, Person
from documents.models import Blob


class Attendance(models.Model):
    """One person attended by one official of an adhering office, with how the person's identity was proven."""

    class Identity(models.TextChoices):
        CARD = "card", "cédula de identidad a la vista"
        PASSPORT = "passport", "pasaporte a la vista"
        OTHER = "other", "otro documento con fotografía a la vista"

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    """The office where it happened; the procedures may be of any agency (DS4 art. 30)."""
    official = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendances")
    identity = models.CharField(max_length=10, choices=Identity)
    document_number = models.CharField(max_length=30)
    """Number or series printed on the document that was shown."""
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.agency} {self.started_at:%d/%m/%Y %H:%M}"


class PowerPaper(models.Model):
    """The paper by which somebody gave a power at the counter."""

    mandate = models.OneToOneField(Mandate, on_delete=models.PROTECT, related_name="paper")
    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return str(self.mandate)
