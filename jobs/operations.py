"""Writes on the job table, except running a job (see execution)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from jobs import registry
from jobs.errors import NotRetryable
from jobs.models import ENDED, Job

State = Job.State
DAY = timedelta(days=1)
REMOVED_AT_ONCE = 1000


def enqueue(
    *,
    kind: str,
    payload: dict[str, Any],
    now: datetime,
    agency_id: int | None = None,
    case_id: int | None = None,
    run_at: datetime | None = None,
    dedup_key: str | None = None,
    on_done: str = "",
    on_dead: str = "",
) -> Job:
    """Insert a job, due at `run_at` (default: at once), in the caller's transaction.

    `payload` holds references and small facts, never personal data. With a `dedup_key` that was used
    before, the earlier job is returned, whatever its state. UnknownKind when nobody attends `kind`.
    """
    job = new_job(
        kind=kind,
        payload=payload,
        now=now,
        agency_id=agency_id,
        case_id=case_id,
        run_at=run_at,
        on_done=on_done,
        on_dead=on_dead,
    )
    if dedup_key is None:
        job.save(force_insert=True)
        return job
    job.dedup_key = dedup_key
    Job.objects.bulk_create([job], ignore_conflicts=True)
    return Job.objects.get(dedup_key=dedup_key)


def new_job(
    *,
    kind: str,
    payload: dict[str, Any],
    now: datetime,
    agency_id: int | None = None,
    case_id: int | None = None,
    run_at: datetime | None = None,
    on_done: str = "",
    on_dead: str = "",
) -> Job:
    """A job that `enqueue_all` inserts later in the same transaction. UnknownKind when nobody attends `kind`."""
    handler = registry.get(kind)
    return Job(
        kind=kind,
        queue=handler.queue,
        max_attempts=handler.max_attempts,
        payload=payload,
        agency_id=agency_id,
        case_id=case_id,
        run_at=run_at or now,
        on_done=on_done,
        on_dead=on_dead,
        created_at=now,
    )


def enqueue_all(*, jobs: Sequence[Job]) -> list[Job]:
    """Insert jobs made by `new_job` in one statement, in the caller's transaction."""
    return Job.objects.bulk_create(jobs)


def enqueue_follow_up(*, kind: str, after: Job, payload: dict[str, Any], now: datetime) -> Job:
    """Insert the job that `after` named as its follow-up, for the same case and agency.

    A kind that nobody attends (an older release of this program) still gets its row; it waits blocked.
    """
    handler = registry.find(kind)
    return Job.objects.create(
        kind=kind,
        queue=handler.queue if handler else "fast",
        max_attempts=handler.max_attempts if handler else 8,
        payload={"job": after.pk, "payload": after.payload, **payload},
        agency_id=after.agency_id,
        case_id=after.case_id,
        run_at=now,
        created_at=now,
    )


def make_recurring_due(now: datetime) -> int:
    """Make the jobs due that run again and again and ended a period ago; how many. One row for each kind."""
    kinds = registry.recurring()
    known = set(
        Job.objects.filter(dedup_key__in=[_recurring_key(kind) for kind in kinds]).values_list("kind", flat=True)
    )
    for kind in kinds.keys() - known:
        enqueue(kind=kind, payload={}, now=now, dedup_key=_recurring_key(kind))
    ended = Q()
    for kind, period in kinds.items():
        ended |= Q(dedup_key=_recurring_key(kind), finished_at__lte=now - period)
    rows = Job.objects.filter(ended, run_at=None) if kinds else Job.objects.none()
    return rows.update(state=State.READY, run_at=now, attempts=0, finished_at=None)


def _recurring_key(kind: str) -> str:
    return f"recurring:{kind}"


def remove_finished(*, now: datetime) -> int:
    """Remove rows that ended SINPAPELEO_JOB_DAYS ago; how many. What they did is told by the case's own history.

    Dead jobs stay for an operator, and so do rows whose key must not be used again. Each transaction is short.
    """
    ended = Job.objects.filter(state__in=ENDED, finished_at__lt=now - settings.KEEP_JOBS, dedup_key=None)
    removed = 0
    while ids := list(ended.order_by("finished_at").values_list("pk", flat=True)[:REMOVED_AT_ONCE]):
        removed += Job.objects.filter(pk__in=ids).delete()[0]
    return removed


@transaction.atomic
def retry_job(*, job_id: int, now: datetime, on_done: str = "", adding: Mapping[str, Any] | None = None) -> Job:
    """Send a dead, cancelled, blocked or uncertain job again, with all its attempts. NotRetryable in other states.

    `on_done` names the follow-up of a job that has none of its own; `adding`: small facts that its payload lacked.
    """
    allowed = [State.DEAD, State.CANCELLED, State.BLOCKED, State.UNKNOWN]
    if on_done:
        Job.objects.filter(pk=job_id, state__in=allowed, on_done="").update(on_done=on_done)
    changed = Job.objects.filter(pk=job_id, state__in=allowed).update(
        state=State.READY, run_at=now, attempts=0, finished_at=None
    )
    if not changed:
        raise NotRetryable(job_id)
    job = Job.objects.get(pk=job_id)
    if adding:
        job.payload = {**job.payload, **adding}
        job.save(update_fields=["payload"])
    return job


def resume_blocked(kind: str | None, now: datetime) -> int:
    """Make the blocked jobs of `kind` (all kinds when None) due at once; how many there were."""
    blocked = Job.objects.filter(state=State.BLOCKED)
    if kind is not None:
        blocked = blocked.filter(kind=kind)
    return blocked.update(state=State.READY, run_at=now, sends=0)
