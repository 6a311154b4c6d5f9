"""Sends what is due: marks rows in one short transaction, then tells the broker. Any number may run at once."""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from random import uniform
from typing import TypeVar

from celery import current_app
from django.db import close_old_connections, connection, transaction
from django.db.models import F, QuerySet

from jobs import registry, rules
from jobs.crash_points import reached
from jobs.errors import describe
from jobs.models import Job
from jobs.operations import make_recurring_due, resume_blocked
from jobs.queries import due
from legaltime.api import now as clock_now

logger = logging.getLogger("jobs")
State = Job.State
T = TypeVar("T")

CAP = {"fast": 200, "mail": 40, "pdf": 20, "sign": 20, "bulk": 40}
"""How many messages of a queue may wait unread: a dead consumer must not fill the broker."""
BATCH = {"fast": 20, "bulk": 20}
"""How many pure jobs one message may carry; other queues carry one."""
REDELIVER = timedelta(seconds=20)
"""When a sent job that nobody claimed is sent again; its message expires then."""
POLL = (0.08, 0.12)
"""Seconds between two looks at the table; the spread keeps several dispatchers out of step."""
PAUSE = 1.0
"""Seconds to wait when the database or the broker does not answer."""
RESUME_EVERY = timedelta(minutes=5)
"""How often blocked jobs try whether what was missing has come."""
RECURRING_EVERY = timedelta(seconds=5)
"""How often the dispatcher looks whether a recurring job is due."""


@dataclass(frozen=True)
class Message:
    """Jobs for one worker process, and the seconds that it may take."""

    queue: str
    job_ids: tuple[int, ...]
    seconds: int


def mark_due(now: datetime) -> list[Message]:
    """Mark the due jobs as sent, as far as there is room in their queues; what to tell the broker.

    With nothing due it is one read without a transaction.
    """
    if not due(now).exists():
        return []
    return [message for queue in registry.QUEUES for message in _messages(queue, _mark_queue(queue, now))]


def _mark_queue(queue: str, now: datetime) -> list[Job]:
    with transaction.atomic():
        waiting = Job.objects.filter(queue=queue, state=State.SENT, run_at__gt=now).count()
        room = CAP[queue] - waiting
        if room <= 0:
            return []
        found = list(_unlocked(due(now).filter(queue=queue)).order_by("run_at")[: 2 * room])
        chosen = rules.in_turn(found, room, key=lambda job: job.agency_id)
        rows = Job.objects.filter(pk__in=[job.pk for job in chosen])
        rows.update(state=State.SENT, run_at=now + REDELIVER, sends=F("sends") + 1)
        for job in chosen:
            reached("dispatching", job.pk)
    return chosen


def _unlocked(rows: QuerySet[Job]) -> QuerySet[Job]:
    """The rows that no other dispatcher is marking now. On SQLite the transaction itself keeps the others out."""
    skips = connection.features.has_select_for_update_skip_locked
    return rows.select_for_update(skip_locked=True) if skips else rows


def _messages(queue: str, jobs: list[Job]) -> Iterator[Message]:
    """One message for each job, except that many pure jobs share some, spread over at least eight."""
    size = max(1, min(BATCH.get(queue, 1), len(jobs) // 8))
    kinds = {kind: registry.find(kind) for kind in {job.kind for job in jobs}}
    pure = [job.pk for job in jobs if isinstance(kinds[job.kind], registry.PureHandler)]
    alone = [(job.pk,) for job in jobs if not isinstance(kinds[job.kind], registry.PureHandler)]
    limits = {job.pk: _seconds(kinds[job.kind]) for job in jobs}
    for ids in [*alone, *(tuple(pure[start : start + size]) for start in range(0, len(pure), size))]:
        yield Message(queue, ids, sum(limits[job_id] for job_id in ids))


def _seconds(handler: registry.Handler | None) -> int:
    return ceil(handler.timeout.total_seconds()) if handler else 1


def publish(message: Message) -> None:
    """Give the message to the broker; it expires when the dispatcher would send its jobs again."""
    current_app.send_task(
        "jobs.run",
        args=message.job_ids,
        queue=message.queue,
        expires=REDELIVER.total_seconds(),
        soft_time_limit=message.seconds + 2,
        time_limit=message.seconds + 10,
    )


def dispatch(now: datetime, send: Callable[[Message], None] = publish) -> int:
    """Mark and send what is due; how many jobs. A job whose message is lost on the way is sent again later."""
    return send_all(mark_due(now), send)


def send_all(messages: Iterable[Message], send: Callable[[Message], None]) -> int:
    """Send messages whose jobs are already marked, in a committed transaction."""
    count = 0
    for message in messages:
        reached("dispatched", message.job_ids[0])
        send(message)
        reached("published", message.job_ids[0])
        count += len(message.job_ids)
    return count


class Dispatcher(threading.Thread):
    """Dispatches in the background of a worker until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(name="dispatcher", daemon=True)
        self._stopping = threading.Event()
        self._at_work = threading.Lock()
        os.register_at_fork(
            before=self._at_work.acquire, after_in_parent=self._at_work.release, after_in_child=self._at_work.release
        )

    def stop(self) -> None:
        """End after the present turn."""
        self._stopping.set()

    def run(self) -> None:
        """Look, send, wait; a fault of the database or the broker only makes the wait longer."""
        resume_at = recurring_at = clock_now()
        while not self._stopping.is_set():
            try:
                if clock_now() >= resume_at:
                    self._alone(lambda: resume_blocked(None, clock_now()))
                    resume_at = clock_now() + RESUME_EVERY
                if clock_now() >= recurring_at:
                    self._alone(lambda: make_recurring_due(clock_now()))
                    recurring_at = clock_now() + RECURRING_EVERY
                self._turn()
                self._stopping.wait(uniform(*POLL))  # noqa: S311  (spread, not secrecy)
            except Exception as error:
                logger.error("dispatcher: %s", describe(error))
                with suppress(Exception):
                    close_old_connections()
                self._stopping.wait(PAUSE)

    def _turn(self) -> None:
        messages = self._alone(lambda: mark_due(clock_now()))
        send_all(messages, publish)

    def _alone(self, work: Callable[[], T]) -> T:
        """Touch the database while no child process is being made: a fork must not copy SQLite's locks."""
        with self._at_work:
            return work()
