"""Jobs of this room; registered in apps.ready()."""

from datetime import datetime
from typing import Any

from jobs.api import Job, register_pure
from procedures.operations import LIST_OFFERING, list_when_offered


def list_offered(job: Job, now: datetime) -> dict[str, Any]:
    """On the day a version begins to be offered: show its ficha."""
    return {"listed": list_when_offered(offering_id=job.payload["offering"], now=now)}


def register() -> None:
    """Once, when the program starts."""
    register_pure(LIST_OFFERING, list_offered)
