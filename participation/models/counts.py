"""Counts folded from supports by a job, and the published log of what was shown to whom how often."""

from django.db import models

from participation.models.subjects import Subject
from procedures.models import CatalogueEntry


class Count(models.Model):
    """How many support a subject, as the last fold found. Pages read this, never the supports."""

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="count")
    total = models.PositiveIntegerField(default=0)
    """Distinct people whose support stands, those of merged subjects included; up to four fewer for each of them."""
    own = models.PositiveIntegerField(default=0)
    """The same without merged subjects: what the published tally counts."""
    in_review = models.PositiveIntegerField(default=0)
    """People whose support waits for a review; not in `total`."""
    by_kind = models.JSONField(default=dict)
    places = models.PositiveSmallIntegerField(default=0)
    """From how many communes or regions, as the reach asks, supporters say they come."""
    demand = models.JSONField(default=dict)
    """What supporters say it costs them, as `rules.demand.summed` writes it: quartiles of enough answers only."""
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


class Folded(models.Model):
    """Figures over all supports, counted by the nightly job: pages must not count millions of rows."""

    name = models.CharField(max_length=20, unique=True)
    """ "verified" (by provider and door), "demand" (what a visit costs, by institution)…; "fold" of the last fold."""
    figures = models.JSONField(default=dict)
    folded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Exposure(models.Model):
    """One list or page that was shown: which subjects, in which order. No person, no address. Folded every night."""

    day = models.DateField(db_index=True)
    order = models.CharField(max_length=10)
    """The order of the list; "pagina" for a subject's own page."""
    subjects = models.JSONField()
    """Ids of the subjects shown."""

    def __str__(self) -> str:
        return f"{self.day} {self.order}"


class ExposureCount(models.Model):
    """How often a subject was shown on a day, as published: in lists and on its own page."""

    day = models.DateField()
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="exposures")
    lists = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "subject"], name="one_exposure_per_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.subject_id}"


class Knew(models.Model):
    """Somebody on the ficha of a digital procedure said whether they knew it can be done online. No person."""

    entry = models.ForeignKey(CatalogueEntry, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    knew = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["entry", "knew"], name="knew_of_entry")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.knew}"
