"""Whoever wants to hear of a request without supporting it."""

from django.db import models

from accounts.models import Person
from participation.models.subjects import Subject


class Follow(models.Model):
    """A person hears what becomes of a request. It counts for nothing; the row goes when they stop."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="follows")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "subject"], name="one_follow_per_person")]

    def __str__(self) -> str:
        return f"{self.subject_id}"
