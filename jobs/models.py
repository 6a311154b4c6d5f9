"""The job table: the one truth about everything that must still happen outside or later."""

from django.db import models
from django.db.models import Q

ATTENTION = ["blocked", "dead", "unknown"]
"""States that an operator looks at."""
ENDED = ["cancelled", "done"]
"""States of rows that nobody needs again."""


class Job(models.Model):
    """One effect or timer. `run_at` says when a dispatcher must look at the row next; NULL means finished.

    While the row waits, `run_at` is its due time; after dispatch, the moment to publish it again;
    while it runs, the end of its lease; after a failure, the end of the back-off.
    """

    class State(models.TextChoices):
        READY = "ready", "en espera"
        SENT = "sent", "en cola"
        RUNNING = "running", "en curso"
        UNKNOWN = "unknown", "resultado desconocido"
        BLOCKED = "blocked", "bloqueado"
        DONE = "done", "hecho"
        DEAD = "dead", "abandonado"
        CANCELLED = "cancelled", "cancelado"

    kind = models.CharField(max_length=80)
    queue = models.CharField(max_length=20, default="fast")
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    run_at = models.DateTimeField(null=True)
    payload = models.JSONField(default=dict)
    """References and small facts only; never personal data."""
    agency_id = models.BigIntegerField(null=True)
    case_id = models.BigIntegerField(null=True)
    dedup_key = models.CharField(max_length=200, null=True, unique=True)
    on_done = models.CharField(max_length=80, blank=True, default="")
    """Kind of the follow-up job inserted, with {"job": id, "result": …}, in the transaction that finishes this one."""
    on_dead = models.CharField(max_length=80, blank=True, default="")
    """Kind of the follow-up job inserted, with {"job": id}, in the transaction that gives this one up."""
    token = models.UUIDField(null=True)
    """Whose claim this is; one left on a waiting row means that an attempt never told how it ended."""
    sends = models.PositiveIntegerField(default=0)
    """How often a dispatcher sent this row since it last heard of it; two or more hint at a job that kills workers."""
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=8)
    result = models.JSONField(default=dict)
    last_error = models.CharField(max_length=500, blank=True, default="")
    """Class and redacted message of the last failure; never a traceback or a value."""
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["queue", "run_at"], name="job_due", condition=Q(run_at__isnull=False)),
            models.Index(fields=["queue", "run_at"], name="job_sent", condition=Q(state="sent")),
            models.Index(fields=["state", "id"], name="job_attention", condition=Q(state__in=ATTENTION)),
            models.Index(fields=["case_id", "id"], name="job_of_case", condition=Q(case_id__isnull=False)),
            models.Index(fields=["finished_at"], name="job_finished", condition=Q(state__in=ENDED)),
        ]
        constraints = [
            models.CheckConstraint(
                name="job_finished_has_no_due_time",
                condition=Q(state__in=["done", "dead", "cancelled", "blocked"], run_at__isnull=True)
                | Q(state__in=["ready", "sent", "running", "unknown"], run_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} ({self.state})"
