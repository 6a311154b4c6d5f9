"""Real processes: a supervised worker, a process that decides like the web does, and somebody who kills them."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from jobs import crash_points, dispatcher, registry, rules, supervisor
from jobs.faults import weather
from jobs.faults.nemesis import HEARTBEAT, WEB_PID, Nemesis
from jobs.faults.scenarios import Scenario, Verdict, judge
from jobs.models import Job
from jobs.supervisor import Program, Supervisor
from legaltime.api import now as clock_now

STALL_LIMIT = 120.0
"""Seconds without a single job ended after which the system counts as stalled. A busy machine is slow, not stalled."""
DECISION = "decisión"
"""Row of the decisions that broke: none, when all is well."""
BROKEN = "broken"
"""Journal of decisions that ended in an error which no fault explains."""
AT_ONCE = 60
"""Jobs that may wait before the deciding process pauses."""


def hasten() -> None:
    """Shorten the waits of production, so that a run of seconds sees many of them end. Runs in every process."""
    rules.LEASE_MARGIN = timedelta(seconds=2)
    rules.BACKOFF_BASE = timedelta(seconds=0.1)
    dispatcher.REDELIVER = timedelta(seconds=3)
    supervisor.RESTART_LIMIT = 0.5


class Killer:
    """Ends the process at a crash point, without any chance to clean up."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.pid = 0

    def __call__(self, point: str, job_id: int) -> None:
        """Maybe die. Each process has a weather of its own."""
        if self.pid != os.getpid():
            self.pid = os.getpid()
            weather.change(weather.Weather(self.seed * 100_003 + self.pid))
        probability = 0.001 if point.startswith(("dispatch", "publish")) else 0.01
        if not (weather.JOURNAL / "calm").exists() and weather.current.strikes(probability, f"kill -9 when {point}"):
            os.kill(os.getpid(), signal.SIGKILL)


def be_worker(seed: int) -> None:
    """Role of the worker process: the product's worker, which may die at any crash point."""
    hasten()
    crash_points.set_observer(Killer(seed))
    call_command("worker", concurrency=2)


def be_web(seed: int, scenarios: Sequence[Scenario]) -> None:
    """Role of the deciding process: commits decisions until it is killed."""
    weather.change(weather.Weather(seed + os.getpid()))
    WEB_PID.write_text(str(os.getpid()))
    while True:
        try:
            _decide(scenarios)
        except DatabaseError:
            connection.close()
        except Exception as error:  # the supervisor would start another process, and nobody would know
            weather.note(BROKEN, repr(error))
            raise
        time.sleep(0.02)


def _decide(scenarios: Sequence[Scenario]) -> None:
    """One decision, unless enough wait already or the faults are over."""
    waiting = _soon().count()
    if waiting < AT_ONCE and not (weather.JOURNAL / "calm").exists():
        with transaction.atomic():
            weather.current.random.choice(scenarios).begin(clock_now())


def torture(
    seed: int, names: Sequence[str], scenarios: Sequence[Scenario], seconds: float, *, broker: str = ""
) -> list[Verdict]:
    """Strike for a while, let the work drain, and judge. `broker` is the program of a Valkey or Redis to run beside.

    On a slow machine the while lasts until work of every kind has begun: none is judged unseen.
    """
    hasten()
    Job.objects.all().delete()
    weather.forget_effects()
    with _running(seed, names, broker):
        nemesis = Nemesis(seed)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline or (deadline + STALL_LIMIT > time.monotonic() and _unseen(scenarios)):
            time.sleep(nemesis.weather.random.uniform(0.2, 1.0))
            nemesis.strike()
        nemesis.let_go()
        (weather.JOURNAL / "calm").touch()
        weather.current.calm = True
        _drain()
    broken = len(weather.noted(BROKEN))
    return [*judge(scenarios), Verdict(DECISION, broken, broken, 0, 0)]


@contextmanager
def _running(seed: int, names: Sequence[str], broker: str) -> Iterator[None]:
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py"), "faults", "--only", "--seed", str(seed)]
    for name in names:
        manage += ["--scenario", name]
    programs = [
        Program("worker", [*manage, "--role", "worker"], heartbeat=HEARTBEAT),
        Program("web", [*manage, "--role", "web"]),
    ]
    if broker:
        port = str(urlsplit(settings.CELERY_BROKER_URL).port)
        options = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        programs.append(Program("broker", [broker, *options, "--dir", str(settings.DATA_DIR), "--loglevel", "warning"]))
    own = Supervisor(programs, say=lambda line: None)
    thread = threading.Thread(target=own.run)
    thread.start()
    try:
        yield
    finally:
        own.stop()
        thread.join()


def _unseen(scenarios: Sequence[Scenario]) -> bool:
    """Whether a kind of work has no job yet, as far as the database tells."""
    kinds = {scenario.kind for scenario in scenarios}
    try:
        return Job.objects.filter(kind__in=kinds).values("kind").distinct().count() < len(kinds)
    except DatabaseError:
        connection.close()
        return True


def _drain() -> None:
    """Wait until nothing is unfinished, for as long as jobs keep ending."""
    unfinished, moved = _unfinished(), time.monotonic()
    while unfinished != 0 and time.monotonic() - moved < STALL_LIMIT:
        time.sleep(0.1)
        left = _unfinished()
        if left is not None and left != unfinished:
            unfinished, moved = left, time.monotonic()


def _unfinished() -> int | None:
    """Jobs that have not ended; None while the database does not answer."""
    try:
        return _soon().count()
    except DatabaseError:
        connection.close()
        return None


def _soon() -> QuerySet[Job]:
    """Jobs that must still end in this run; the renewal of a time stamp waits for years, and what recurs never ends."""
    return Job.objects.filter(run_at__lte=clock_now() + timedelta(days=1)).exclude(kind__in=registry.recurring())
