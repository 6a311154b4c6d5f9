"""Pure decisions about jobs: when to try again, how long a claim lasts. No Django here."""

from datetime import timedelta
from zlib import crc32

BACKOFF_BASE = timedelta(seconds=5)
BACKOFF_LIMIT = timedelta(hours=1)
LEASE_MARGIN = timedelta(seconds=20)
"""Far above the clock difference between two machines, and above the hard time limit of a Celery task."""


def backoff(attempts: int, job_id: int) -> timedelta:
    """How long to wait after the `attempts`-th failure: doubling up to an hour, plus up to a tenth of jitter.

    The jitter comes from the job's own number, so that jobs that failed together do not return together
    and a simulation can be repeated.
    """
    delay = min(BACKOFF_BASE * (1 << min(attempts, 20)), BACKOFF_LIMIT)
    jitter = crc32(f"{job_id}:{attempts}".encode()) / 2**32
    return delay * (1 + jitter / 10)


def lease(timeout: timedelta) -> timedelta:
    """How long a claim lasts for a handler that must end within `timeout`."""
    return timeout + LEASE_MARGIN
