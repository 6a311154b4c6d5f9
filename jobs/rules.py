"""Pure decisions about jobs: when to try again, how long a claim lasts. No Django here."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar
from zlib import crc32

T = TypeVar("T")

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


def in_turn(found: Sequence[T], room: int, *, key: Callable[[T], object]) -> list[T]:
    """At most `room` of `found`: the first of each owner (by `key`), then the second of each, and so on.

    So an agency that enqueues thousands of jobs at once does not hold up the others.
    """
    if len(found) <= room:
        return list(found)
    places: Counter[object] = Counter()
    order = []
    for index, item in enumerate(found):
        places[key(item)] += 1
        order.append((places[key(item)], index))
    return [found[index] for _, index in sorted(order)[:room]]
