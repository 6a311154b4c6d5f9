"""The job table's own job: forgetting what ended long ago."""

from datetime import datetime, timedelta
from typing import Any

from jobs.models import Job
from jobs.operations import remove_finished
from jobs.registry import every_day, register_external
from legaltime.api import now as clock_now


class Housekeeping:
    """Removes old rows in many short transactions; a second attempt goes on where the first stopped."""

    kind = "jobs.housekeeping"
    queue = "bulk"
    timeout = timedelta(minutes=10)
    max_attempts = 8

    def prepare(self, job: Job) -> None:
        """Nothing to read before."""

    def call(self, prepared: None, key: str) -> int:
        """How many rows went."""
        return remove_finished(now=clock_now())

    def finish(self, job: Job, result: int, now: datetime) -> dict[str, Any]:
        """Note it."""
        return {"removed": result}

    def gave_up(self, job: Job, now: datetime) -> None:
        """The next day tries again."""


def register() -> None:
    """Once a day."""
    register_external(Housekeeping())
    every_day(Housekeeping.kind)
