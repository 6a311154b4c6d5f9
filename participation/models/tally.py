"""The tally that outsiders can recount. Tags leave the database only inside published batches."""

from django.db import models
from django.db.models import Q

from participation.models.subjects import Subject
from participation.models.supports import Support


class TallyPeriod(models.Model):
    """A month of tally with a key of its own, destroyed when it closes."""

    number = models.PositiveIntegerField(unique=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    key_sealed = models.BinaryField(null=True)
    """The key of its tags under the key of the site; NULL once destroyed."""
    key_commitment = models.CharField(max_length=64)
    """SHA-256 of the key, published at the opening: one key served the whole period."""

    class Meta:
        constraints = [
            models.CheckConstraint(name="closed_period_has_no_key", condition=Q(closed_at=None) | Q(key_sealed=None)),
        ]

    def __str__(self) -> str:
        return str(self.number)


class TallyBatch(models.Model):
    """A published batch: sorted lines, their Merkle root and the root before. Append-only."""

    period = models.ForeignKey(TallyPeriod, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField(unique=True)
    """In order over all periods."""
    previous_root = models.CharField(max_length=64)
    root = models.CharField(max_length=64)
    body = models.BinaryField()
    """Canonical JSON, exactly as published."""
    published_on = models.DateField()
    """A day, not an instant: who watched a page must not learn who supported when."""

    def __str__(self) -> str:
        return f"{self.number} {self.root[:8]}"


class TallyLine(models.Model):
    """Which support stands behind a published line, so that each is published once. Its tag is wiped with the key."""

    class What(models.TextChoices):
        SUPPORT = "apoyo", "apoyo"
        WITHDRAWAL = "retiro", "retiro"
        EXCLUSION = "excluido", "excluido por revisión"
        RESTORATION = "restituido", "restituido"

    batch = models.ForeignKey(TallyBatch, on_delete=models.PROTECT, related_name="lines")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    support = models.ForeignKey(Support, on_delete=models.PROTECT, related_name="lines")
    what = models.CharField(max_length=10, choices=What)
    tag = models.CharField(max_length=64, null=True)

    class Meta:
        indexes = [models.Index(fields=["support", "what"], name="line_of_support")]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.what}"


class TallyTotal(models.Model):
    """How many supports of a subject the published batches count: their lines added up at each publication."""

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="published")
    total = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.subject_id}: {self.total}"
