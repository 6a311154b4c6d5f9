"""Four processes work on one database at once; prints what each of them did. Run by test_concurrency."""

import json
import multiprocessing
import random
import time
from datetime import datetime
from typing import Any

from django.db import connections
from django.db.models import F, QuerySet

from jobs import api, dispatcher, execution, registry
from jobs.models import Job
from legaltime.api import now
from tests.jobs import job_table
from tests.jobs.conftest import Recorder

PROCESSES = 4
FORK = multiprocessing.get_context("fork")
START = FORK.Barrier(PROCESSES)


def slow_call(key: str) -> dict[str, Any]:
    """Takes long enough for another worker to come in between."""
    time.sleep(0.002)
    return {}


def count(job: Job, moment: datetime) -> None:
    """Adds one to a column of the job itself, so that a second effect shows."""
    Job.objects.filter(pk=job.pk).update(agency_id=F("agency_id") + 1)


TOY = Recorder(kind="toy.call", behave=slow_call)


def run_all(seed: int) -> dict[str, Any]:
    """Run every job, in an order of our own; the calls made and the attempts that were done."""
    ids = list(Job.objects.values_list("id", flat=True))
    random.Random(seed).shuffle(ids)
    START.wait()
    outcomes = [api.run_job(job_id) for job_id in ids]
    return {"calls": TOY.calls, "done": outcomes.count(api.Outcome.DONE)}


def dispatch_all(seed: int) -> dict[str, Any]:
    """Mark as sent whatever can be; the jobs that this dispatcher would send."""
    START.wait()
    sent: list[int] = []
    while messages := dispatcher.mark_due(now()):
        sent += [job_id for message in messages for job_id in message.job_ids]
    return {"sent": sent}


def free_without_comparing(job: Job, now: datetime) -> QuerySet[Job]:
    """The condition of a claim as a careless author would write it."""
    return Job.objects.filter(pk=job.pk)


def finish_without_comparing(job: Job, now: datetime) -> bool:
    """The same of the claim that finishes at once."""
    return bool(Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, run_at=None, finished_at=now))


def main(what: str, jobs: int) -> None:
    """Fill a new database, let the processes race, print their reports and the rows."""
    registry.register_external(TOY)
    registry.register_pure("toy.count", count)
    job_table.create()
    for kind in ("toy.call", "toy.count"):
        for _ in range(jobs):
            api.enqueue(kind=kind, payload={}, now=now(), agency_id=0)
    connections.close_all()
    if what == "control":
        execution._free = free_without_comparing
        execution._claim_and_finish = finish_without_comparing
    with FORK.Pool(PROCESSES) as pool:
        reports = pool.map(dispatch_all if what == "dispatch" else run_all, range(PROCESSES), chunksize=1)
    rows = list(Job.objects.values("kind", "state", "agency_id", "attempts"))
    print(json.dumps({"reports": reports, "rows": rows}))
