"""Figures of the progress dashboard, counted by jobs: no page counts cases, supports or visits while somebody waits."""

from django.db import models
from django.db.models import Q

from accounts.models import Agency
from participation.models.subjects import Subject


class CaseMonth(models.Model):
    """What was filed and what ended in a calendar month at an institution, and at all of them (`agency` NULL)."""

    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    """Its first day."""
    filed = models.PositiveIntegerField(default=0)
    """Cases filed by people; those of own motion are not among them."""
    channels = models.JSONField(default=dict)
    """{channel: cases filed}."""
    days = models.JSONField(default=dict)
    """{tenths of a day from filing to end: cases that ended}."""
    attended = models.PositiveIntegerField(default=0)
    """Applications that the institution's counters filed for people whom they attended."""
    attended_others = models.PositiveIntegerField(default=0)
    """Of these, those of procedures of other institutions."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "month"], name="one_month_per_agency"),
            models.UniqueConstraint(fields=["month"], condition=Q(agency=None), name="one_month_of_all"),
        ]
        indexes = [models.Index(fields=["month"], name="case_month")]

    def __str__(self) -> str:
        return f"{self.agency_id or 'todas'} {self.month:%m/%Y}: {self.filed}"


class MonthDifference(models.Model):
    """A month that was over and of which the nightly recount found another number. Published."""

    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    shown = models.PositiveIntegerField()
    """Cases filed, ended and attended, together, as the dashboard had them."""
    recounted = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="month_difference_by_time")]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.month:%m/%Y}: {self.shown} → {self.recounted}"


class Achieved(models.Model):
    """What the procedure that opened because of a request has done, as last counted."""

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="achieved")
    filed = models.PositiveIntegerField(default=0)
    online = models.PositiveIntegerField(default=0)
    finished = models.PositiveIntegerField(default=0)
    median_days = models.FloatField(null=True)
    """From filing to end; NULL below the minimum."""

    def __str__(self) -> str:
        return f"{self.subject_id}: {self.filed}"
