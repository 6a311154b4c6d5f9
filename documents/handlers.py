"""The room's own job: sweeping stored files that no row names."""

from datetime import datetime, timedelta
from typing import Any

from documents.operations import sweep_orphans
from jobs import api as jobs
from legaltime import api as legaltime


class Sweep:
    """Removes orphans; a second attempt goes on where the first stopped."""

    kind = "documents.sweep"
    queue = "bulk"
    timeout = timedelta(minutes=30)
    max_attempts = 8

    def prepare(self, job: jobs.Job) -> None:
        """Nothing to read before."""

    def call(self, prepared: None, key: str) -> int:
        """How many files went."""
        return sweep_orphans(now=legaltime.now())

    def finish(self, job: jobs.Job, result: int, now: datetime) -> dict[str, Any]:
        """Note it."""
        return {"removed": result}

    def gave_up(self, job: jobs.Job, now: datetime) -> None:
        """The next day tries again."""


def register() -> None:
    """Once a day."""
    jobs.register_external(Sweep())
    jobs.every_day(Sweep.kind)
