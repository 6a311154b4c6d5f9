"""What a Celery worker does besides running jobs: it dispatches, and it shows that it is alive."""

import os
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps
from celery.apps.worker import Worker

from jobs.dispatcher import Dispatcher
from jobs.registry import QUEUES

BEAT_SECONDS = 1.0


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
    """Writes its process number to a file each second from the main loop, as long as the dispatcher lives too.

    A Celery worker can hang for ever with its process alive, so the existence of the process proves nothing.
    """

    requires = ("celery.worker.consumer.connection:Connection",)

    def __init__(self, consumer: Any, beat_file: str = "", **options: Any) -> None:
        self.path = Path(beat_file) if beat_file else None
        self.entry: Any = None
        super().__init__(consumer, **options)

    def start(self, consumer: Any) -> None:
        """Beat through the loop, not from the timer, which may be a thread of its own."""
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.entry = consumer.timer.call_repeatedly(BEAT_SECONDS, lambda: consumer.call_soon(self.beat, consumer))

    def beat(self, consumer: Any) -> None:
        """One sign of life."""
        if self.path is not None and consumer.controller.dispatcher.is_alive():
            self.path.write_text(str(os.getpid()))

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
