"""Jobs of this room; registered in apps.ready()."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from designer.models import ProcedureDraft
from designer.testing import replaying, running
from designer.testing.queries import RUN_TESTS
from jobs.api import Job, register_external
from legaltime.api import now as clock_now


class RunTests:
    """Plays the saved tests of a draft that changed."""

    kind = RUN_TESTS
    queue = "bulk"
    timeout = timedelta(minutes=3)
    max_attempts = 3

    def prepare(self, job: Job) -> running.Batch | None:
        """The tests that were not played on what the draft holds now; None when there is nothing to do."""
        draft = ProcedureDraft.objects.select_related("agency").filter(pk=job.payload["draft"]).first()
        return running.prepare(draft, clock_now()) if draft else None

    def call(self, prepared: running.Batch | None, key: str) -> list[running.Played]:
        """Play them."""
        return running.play(prepared) if prepared else []

    def finish(self, job: Job, result: list[running.Played], now: datetime) -> dict[str, Any]:
        """Keep what came of them."""
        return {"played": len(result), "held": running.keep(draft_id=job.payload["draft"], played=result, now=now)}

    def gave_up(self, job: Job, now: datetime) -> None:
        """They stay unplayed, and say so; publishing plays them again."""


class Replay:
    """Plays finished cases through a draft, a few at a time, so that the page can tell how far it is."""

    kind = replaying.REPLAY
    queue = "bulk"
    timeout = timedelta(minutes=15)
    max_attempts = 2

    def prepare(self, job: Job) -> replaying.Playing | None:
        """The draft as it is now and the cases; None when the draft is gone or cannot be played."""
        return replaying.prepare(run_id=job.payload["replay"])

    def call(self, prepared: replaying.Playing | None, key: str) -> int:
        """Play them, noting each few."""
        return replaying.play(prepared) if prepared else 0

    def finish(self, job: Job, result: int, now: datetime) -> dict[str, Any]:
        """Say that it ended."""
        replaying.end(run_id=job.payload["replay"], failed=False, now=now)
        return {"played": result}

    def gave_up(self, job: Job, now: datetime) -> None:
        """Say that it did not."""
        replaying.end(run_id=job.payload["replay"], failed=True, now=now)


def register() -> None:
    """Once, when the program starts."""
    register_external(RunTests())
    register_external(Replay())
