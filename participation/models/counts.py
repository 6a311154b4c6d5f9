"""Counts folded from supports by a job, and the published log of what was shown to whom how often."""

from django.db import models

from participation.models.subjects import Subject


class Count(models.Model):
    """How many support a subject, as the last fold found. Pages read this, never the supports."""

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="count")
    total = models.PositiveIntegerField(default=0)
    """Distinct people whose support stands, those of merged subjects included."""
    own = models.PositiveIntegerField(default=0)
    """The same without merged subjects: what the published tally counts."""
    in_review = models.PositiveIntegerField(default=0)
    """People whose support waits for a review; not in `total`."""
    by_kind = models.JSONField(default=dict)
    places = models.PositiveSmallIntegerField(default=0)
    """From how many communes or regions, as the reach asks, supporters say they come."""
    folded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-total"], name="count_by_total")]

    def __str__(self) -> str:
        return f"{self.subject_id}: {self.total}"


class CountDifference(models.Model):
    """A nightly recount that found another number than the fold. Published, so that nobody mends in silence."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="differences")
    shown = models.PositiveIntegerField()
    recounted = models.PositiveIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.subject_id}: {self.shown} → {self.recounted}"


class Exposure(models.Model):
    """One list that was shown: which subjects, in which order. No person, no address."""

    day = models.DateField(db_index=True)
    order = models.CharField(max_length=10)
    subjects = models.JSONField()
    """Ids of the subjects shown."""

    def __str__(self) -> str:
        return f"{self.day} {self.order}"
