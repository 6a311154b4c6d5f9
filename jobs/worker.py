"""What a Celery worker does besides running jobs: it dispatches, and it shows that it is alive."""

import os
import time
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps
from celery.apps.worker import Worker
from celery.worker import state

from jobs.dispatcher import Dispatcher
from jobs.registry import QUEUES

BEAT_SECONDS = 1.0
STUCK_LIMIT = 20.0
"""Seconds without any task begun, while a child process is free and a task waits for one, after which it is stuck."""


class PoolWatch:
    """Tells whether the child processes still take what they are given.

    With the embedded broker they read from one pipe under one lock: a child that is killed while it waits for work
    takes the lock with it, and from then on all of them, and those that replace them, wait for ever.
    """

    def __init__(self, children: int) -> None:
        self.children = children
        self._begun = -1
        self._since = 0.0

    def is_stuck(self, instant: float, *, begun: int, waiting: int, active: int) -> bool:
        """At `instant` (seconds of a clock that never goes back), `begun` tasks were ever begun, `waiting` ones not."""
        if begun != self._begun or waiting <= 0 or active >= self.children:
            self._begun, self._since = begun, instant
        return instant - self._since > STUCK_LIMIT


class DispatcherStep(bootsteps.StartStopStep):
    """Runs a dispatcher in every worker, once its child processes exist."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        worker.dispatcher = Dispatcher()
        super().__init__(worker, **options)

    def start(self, worker: Any) -> None:
        """Begin to dispatch."""
        worker.dispatcher.start()

    def stop(self, worker: Any) -> None:
        """Dispatch no more; the jobs that were sent may still end."""
        worker.dispatcher.stop()

    def terminate(self, worker: Any) -> None:
        """The same in a hurry."""
        worker.dispatcher.stop()


class HeartbeatStep(bootsteps.StartStopStep):
    """Writes its process number to a file each second from the main loop, as long as dispatcher and children work too.

    A Celery worker can hang for ever with its process alive, so the existence of the process proves nothing.
    """

    requires = ("celery.worker.consumer.connection:Connection",)

    def __init__(self, consumer: Any, beat_file: str = "", **options: Any) -> None:
        self.path = Path(beat_file) if beat_file else None
        self.entry: Any = None
        self.watch = PoolWatch(consumer.controller.concurrency)
        super().__init__(consumer, **options)

    def start(self, consumer: Any) -> None:
        """Beat through the loop, not from the timer, which may be a thread of its own."""
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.entry = consumer.timer.call_repeatedly(BEAT_SECONDS, lambda: consumer.call_soon(self.beat, consumer))

    def beat(self, consumer: Any) -> None:
        """One sign of life."""
        if self.path is not None and consumer.controller.dispatcher.is_alive() and not self._is_stuck():
            self.path.write_text(str(os.getpid()))

    def _is_stuck(self) -> bool:
        active = len(state.active_requests)
        waiting = len(state.reserved_requests) - active
        return self.watch.is_stuck(time.monotonic(), begun=state.all_total_count[0], waiting=waiting, active=active)

    def stop(self, consumer: Any) -> None:
        """No more signs from this connection."""
        if self.entry is not None:
            self.entry.cancel()


def make_worker(app: Celery, *, name: str, concurrency: int, queues: str, heartbeat: str) -> Worker:
    """A worker with `concurrency` child processes that reads `queues` (comma-separated; "" means all)."""
    app.steps["worker"].add(DispatcherStep)
    app.steps["consumer"].add(HeartbeatStep)
    return app.Worker(
        hostname=f"{name}@%h",
        pool="prefork",
        concurrency=concurrency,
        queues=queues or ",".join(QUEUES),
        loglevel="WARNING",
        quiet=True,
        beat_file=heartbeat,
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
    )
