"""Jobs of this room; registered in apps.ready()."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from designer.models import ProcedureDraft
from designer.testing import running
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
        return {"played": len(result), "held": running.keep(played=result, now=now)}

    def gave_up(self, job: Job, now: datetime) -> None:
        """They stay unplayed, and say so; publishing plays them again."""


def register() -> None:
    """Once, when the program starts."""
    register_external(RunTests())
