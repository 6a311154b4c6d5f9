"""A real worker that also knows toy kinds, with jobs of those kinds in the table. Run by test_worker."""

import time
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db.models import F

from jobs import api, dispatcher
from jobs.models import Job
from legaltime.api import now
from tests.jobs import job_table


def main(timers: int, *, crowd: int) -> None:
    """Serve until told to stop; the first time, leave timers due a second apart, and a crowd due at once."""
    dispatcher.REDELIVER = timedelta(seconds=3)
    api.register_pure("toy.timer", lambda job, moment: {"at": moment.timestamp()})
    api.register_pure("toy.crowd", count_slowly)
    job_table.create()
    start = now() + timedelta(seconds=3)
    for number in range(timers):
        due = start + timedelta(seconds=number)
        api.enqueue(
            kind="toy.timer", payload={"due": due.timestamp()}, now=now(), run_at=due, dedup_key=f"toy-{number}"
        )
    for number in range(crowd):
        api.enqueue(kind="toy.crowd", payload={}, now=now(), agency_id=0, dedup_key=f"crowd-{number}")
    call_command("worker", concurrency=2)


def count_slowly(job: Job, moment: datetime) -> None:
    """Add one to a column of the job itself, slowly enough for messages to wait in the broker."""
    time.sleep(0.01)
    Job.objects.filter(pk=job.pk).update(agency_id=F("agency_id") + 1)
