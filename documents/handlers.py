"""The room's own jobs: looking for viruses, and sweeping stored files that no row names."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from documents import storage
from documents.antivirus import virus_in
from documents.models import Blob, Scan
from documents.operations import SCAN_JOB, sweep_orphans
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


class ScanUpload:
    """Asks the antivirus about a file in quarantine; while it does not answer, the file stays there."""

    kind = SCAN_JOB
    queue = "fast"
    timeout = timedelta(minutes=5)
    max_attempts = 30
    """With the back-off of jobs, about a day."""

    def prepare(self, job: jobs.Job) -> Blob | None:
        """The file to look at; None once it was forgotten."""
        return Blob.objects.filter(pk=job.payload["blob"]).first()

    def call(self, prepared: Blob | None, key: str) -> dict[str, Any]:
        """Hand its bytes to the antivirus."""
        if prepared is None:
            return {}
        data = storage.read(prepared.storage_key, prepared.sha256)
        return {"blob": prepared.pk, "virus": virus_in(data, settings.CLAMD)}

    def finish(self, job: jobs.Job, result: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Let it out, or leave it there for good."""
        if not result:
            return result
        state = Scan.INFECTED if result["virus"] else Scan.CLEAN
        Blob.objects.filter(pk=result["blob"]).update(scan=state)
        return result

    def gave_up(self, job: jobs.Job, now: datetime) -> None:
        """Nobody looked at it, so nobody gets it; whoever watches over jobs tries again."""


def register() -> None:
    """The sweep runs once a day."""
    jobs.register_external(ScanUpload())
    jobs.register_external(Sweep())
    jobs.every_day(Sweep.kind)
