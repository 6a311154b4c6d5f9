"""A real worker that also knows toy kinds, with jobs of those kinds in the table. Run by test_worker."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db.models import F

from jobs import api, dispatcher, worker
from jobs.models import Job
from legaltime.api import now
from tests.jobs import job_table
from tests.jobs.conftest import Recorder

RELEASED = "released"
"""The file in the data folder that lets go what is held."""


def main(timers: int, *, held: int, crowd: int) -> None:
    """Serve until told to stop; the first time, leave what is held and a crowd due at once, and timers later.

    A held job keeps its child process busy, outside any transaction, until the test releases it.
    """
    dispatcher.REDELIVER, worker.STUCK_LIMIT = timedelta(seconds=3), 5.0
    api.register_pure("toy.timer", lambda job, moment: {"at": moment.timestamp()})
    api.register_pure("toy.crowd", count_slowly)
    api.register_external(Held(kind="toy.held", queue="fast", timeout=timedelta(minutes=10), behave=wait_for_release))
    job_table.create()
    for kind, number in [("toy.held", one) for one in range(held)] + [("toy.crowd", one) for one in range(crowd)]:
        api.enqueue(kind=kind, payload={}, now=now(), agency_id=0, dedup_key=f"{kind}-{number}")
    start = now() + timedelta(seconds=3)
    for number in range(timers):
        due = start + timedelta(seconds=number)
        api.enqueue(
            kind="toy.timer", payload={"due": due.timestamp()}, now=now(), run_at=due, dedup_key=f"toy-{number}"
        )
    call_command("worker", concurrency=2)


class Held(Recorder):
    """Has its effect once it is released."""

    def finish(self, job: Job, result: Any, now: datetime) -> dict[str, Any]:
        count(job)
        return {}


def wait_for_release(key: str) -> None:
    """Hold this process until the test lets go."""
    while not Path(settings.DATA_DIR, RELEASED).exists():
        time.sleep(0.02)


def count_slowly(job: Job, moment: datetime) -> None:
    """Add one slowly enough for messages to wait in the broker."""
    time.sleep(0.01)
    count(job)


def count(job: Job) -> None:
    """Add one to a column of the job itself, so that a second effect shows."""
    Job.objects.filter(pk=job.pk).update(agency_id=F("agency_id") + 1)
