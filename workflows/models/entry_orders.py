"""Reasoned orders that put a class of cases before the others."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.models import Agency, Person, Unit
from procedures.models import Procedure


class EntryOrder(models.Model):
    """The head of a unit orders that cases of a class go first in it for a time (Ley 19.880 art. 7)."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="entry_orders")
    """Whose steps it rules."""
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT)
    condition = models.JSONField()
    """Which cases it covers: a condition over what was answered in the application; empty where any answer will do."""
    filed_from = models.DateField(null=True)
    """It covers only what was filed from this day on, by the agency's clock; None for no limit."""
    filed_to = models.DateField(null=True)
    """And up to this day, included."""
    words = models.CharField(max_length=500)
    """Its class in words, as it read when the order was given."""
    starts_on = models.DateField()
    ends_on = models.DateField()
    """The last day, included."""
    reason = models.TextField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    is_over = models.BooleanField(default=False)
    """Whether its last day passed or it was ended before: it rules nothing any more."""
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """Who ended it before its last day; None while nobody did."""
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="order_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
        ]
        indexes = [models.Index(fields=["unit", "procedure"], name="order_not_over", condition=Q(is_over=False))]

    def __str__(self) -> str:
        return self.words

    def is_in_force(self, on: date) -> bool:
        """Whether it rules that day."""
        return not self.is_over and self.starts_on <= on <= self.ends_on
