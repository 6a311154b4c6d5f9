"""Does the jobs of a rehearsal: a transaction that is always rolled back, in which nothing leaves the database.

A pure job runs as it is. Of a job whose effect lies outside, what finishing would have recorded is imagined by a
function of its room; where no room imagines anything (an e-mail), the row itself tells what would have been sent.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from jobs import registry
from jobs.models import Job
from jobs.operations import enqueue_follow_up

_imagined: dict[str, registry.PureFunction] = {}


def imagine(kind: str, function: registry.PureFunction) -> None:
    """`function(job, now)` records what a job of `kind` would record if its effect succeeded."""
    _imagined[kind] = function


def rehearse_due(*, agency_id: int, now: datetime, limit: int = 1000) -> int:
    """Do the due jobs of one agency, and those that they cause; how many. Call it inside the transaction only."""
    done = 0
    for job in _due(agency_id, now):
        done += 1
        if done > limit:
            raise RecursionError(limit)
        _rehearse(job, now)
    return done


def next_due(*, agency_id: int, until: datetime) -> datetime | None:
    """When the agency's next waiting job is due, up to `until`; None when nothing is."""
    waiting = Job.objects.filter(agency_id=agency_id, run_at__lte=until).order_by("run_at")
    return waiting.values_list("run_at", flat=True).first()


def _due(agency_id: int, now: datetime) -> Iterator[Job]:
    waiting = Job.objects.filter(agency_id=agency_id, run_at__lte=now).order_by("run_at", "id")
    while (job := waiting.first()) is not None:
        yield job


def _rehearse(job: Job, now: datetime) -> None:
    handler = registry.get(job.kind)
    effect = handler.function if isinstance(handler, registry.PureHandler) else _imagined.get(job.kind, _nothing)
    facts: dict[str, Any] = effect(job, now) or {}
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, run_at=None, finished_at=now, result=facts)
    if job.on_done:
        enqueue_follow_up(kind=job.on_done, after=job, payload={"result": facts}, now=now)


def _nothing(job: Job, now: datetime) -> None:
    """What would have been sent stands in the row and in what it refers to."""
