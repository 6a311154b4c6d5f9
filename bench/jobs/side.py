"""One side of the measurement: a real worker on the embedded broker, which ends when all is done."""

import logging
import os
import resource
import signal
import threading
import time
import warnings
from datetime import datetime, timedelta
from unittest.mock import patch

from celery import current_app, shared_task
from celery.exceptions import SecurityWarning
from django.db import connection, transaction
from django.db.models import F

from config.celery import app
from jobs import dispatcher, worker
from jobs.api import enqueue, register_pure
from jobs.models import Job
from legaltime.api import now

KIND = "bench.unit"


def effect(job_id: int) -> None:
    """The same for all sides: one change of one row."""
    Job.objects.filter(pk=job_id).update(agency_id=F("agency_id") + 1)


@shared_task(name="bench.plain", ignore_result=True)
def plain(job_id: int) -> None:
    """What a Celery project without a job table would do."""
    with transaction.atomic():
        effect(job_id)


class Plain(dispatcher.Dispatcher):
    """Instead of dispatching, sends a plain task for every row."""

    def run(self) -> None:
        """Send all at once."""
        for job_id in Job.objects.values_list("id", flat=True):
            current_app.send_task("bench.plain", args=[job_id], queue="fast")


def work(side: str, units: int) -> None:
    """Fill the table, be the worker of `side`; print the seconds it took, then the CPU seconds of all its processes."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore", SecurityWarning)
    dispatcher.CAP["fast"], dispatcher.REDELIVER = 10**6, timedelta(hours=1)
    dispatcher.BATCH["fast"] = 20 if side == "batched" else 1
    register_pure(KIND, attend)
    with connection.schema_editor() as editor:
        editor.create_model(Job)
    with transaction.atomic():
        for _ in range(units):
            enqueue(kind=KIND, payload={}, now=now(), agency_id=0)
    connection.close()
    base = Plain if side == "celery" else dispatcher.Dispatcher
    measured = type("Measured", (Measured, base), {"units": units})
    with patch.object(worker, "Dispatcher", measured):
        own = worker.make_worker(app, name="bench", concurrency=2, queues="fast", heartbeat="")
        try:
            own.start()
        finally:
            children = resource.getrusage(resource.RUSAGE_CHILDREN)
            print(
                "cpu", time.process_time() - Measured.spent_before + children.ru_utime + children.ru_stime, flush=True
            )


def attend(job: Job, moment: datetime) -> None:
    """The handler of the job table's side."""
    effect(job.pk)


class Measured(threading.Thread):
    """Starts the watch with the first message and ends the worker with the last effect."""

    units: int
    spent_before = 0.0

    def start(self) -> None:
        """Watch from the moment in which the children are ready."""
        Measured.spent_before = time.process_time()
        threading.Thread(target=self.watch, args=[time.perf_counter()], daemon=True).start()
        super().start()

    def watch(self, started: float) -> None:
        """Print the seconds from `started` until every row has its effect."""
        while Job.objects.filter(agency_id=1).count() < self.units:
            time.sleep(0.01)
        print("wall", time.perf_counter() - started, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
