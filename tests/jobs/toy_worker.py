"""A real worker that also knows a toy kind, with timers of that kind in the table. Run by test_worker."""

from datetime import timedelta

from django.core.management import call_command

from jobs import api
from legaltime.api import now
from tests.jobs import job_table


def main(timers: int) -> None:
    """Serve until told to stop; the first time, leave timers that become due a second apart."""
    api.register_pure("toy.timer", lambda job, moment: {"at": moment.timestamp()})
    job_table.create()
    start = now() + timedelta(seconds=3)
    for number in range(timers):
        due = start + timedelta(seconds=number)
        api.enqueue(
            kind="toy.timer", payload={"due": due.timestamp()}, now=now(), run_at=due, dedup_key=f"toy-{number}"
        )
    call_command("worker", concurrency=2)
