"""Append-only hash chains. Triggers refuse UPDATE and DELETE of events on both databases."""

from django.db import models


class Event(models.Model):
    """One link of a chain. `body` holds the exact canonical bytes that `hash` covers.

    hash = SHA-256(domain ‖ prev ‖ body). Personal values stand in `body` only as salted commitments.
    """

    stream = models.CharField(max_length=80)
    """"case:<ref>", "reads:<agency id>:<00-63>" or "publishing:<agency id>"."""
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=60)
    """Namespaced past participle: case.started, task.completed, document.signed, procedure.published."""
    actor = models.CharField(max_length=80)
    """Text identity that survives its owner: "person:12", "system:jobs", "anonymous"."""
    at = models.DateTimeField()
    prev = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="audit_one_event_per_place")]
        indexes = [models.Index(fields=["kind", "at"])]

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.kind}"


class PersonalValue(models.Model):
    """What a commitment in an event stands for. Erasing value and salt leaves the chain valid."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="personal_values")
    path = models.CharField(max_length=200)
    salt = models.BinaryField(max_length=16, null=True)
    value = models.TextField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "path"], name="audit_one_value_per_path")]

    def __str__(self) -> str:
        return f"{self.event_id}:{self.path}"


class StreamHead(models.Model):
    """The head of a chain that has no row of its own elsewhere (a case keeps its head on the case row)."""

    stream = models.CharField(max_length=80, primary_key=True)
    seq = models.PositiveIntegerField(default=0)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.stream} {self.seq}"
