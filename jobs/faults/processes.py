"""Real processes: a supervised worker, a process that decides like the web does, and somebody who kills them."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from jobs import crash_points, dispatcher, rules, supervisor
from jobs.faults import weather
from jobs.faults.scenarios import Scenario, Verdict, judge
from jobs.models import Job
from jobs.supervisor import Program, Supervisor
from legaltime.api import now as clock_now

HEARTBEAT = Path(settings.HEARTBEAT_DIR) / "worker"
WEB_PID = weather.JOURNAL / "web.pid"
DRAIN_LIMIT = 90.0
"""Seconds after the last fault within which everything must be done: a stalled system is a failure too."""
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
        waiting = Job.objects.filter(run_at__isnull=False).count()
        if waiting < AT_ONCE and not (weather.JOURNAL / "calm").exists():
            with transaction.atomic():
                weather.current.random.choice(scenarios).begin(clock_now())
        time.sleep(0.02)


def torture(seed: int, names: Sequence[str], scenarios: Sequence[Scenario], seconds: float) -> list[Verdict]:
    """Kill and hang processes for a while, let the work drain, and judge."""
    hasten()
    Job.objects.all().delete()
    weather.forget_effects()
    with _running(seed, names):
        nemesis = Nemesis(seed)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(nemesis.weather.random.uniform(0.2, 1.0))
            nemesis.strike()
        nemesis.let_go()
        (weather.JOURNAL / "calm").touch()
        weather.current.calm = True
        _drain()
    return [judge(scenario) for scenario in scenarios]


@contextmanager
def _running(seed: int, names: Sequence[str]) -> Iterator[None]:
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py"), "faults", "--seed", str(seed)]
    for name in names:
        manage += ["--scenario", name]
    programs = [
        Program("worker", [*manage, "--role", "worker"], heartbeat=HEARTBEAT),
        Program("web", [*manage, "--role", "web"]),
    ]
    own = Supervisor(programs, say=lambda line: None)
    thread = threading.Thread(target=own.run)
    thread.start()
    try:
        yield
    finally:
        own.stop()
        thread.join()


def _drain() -> None:
    """Wait until nothing is unfinished, but no longer than the limit."""
    deadline = time.monotonic() + DRAIN_LIMIT
    while Job.objects.filter(run_at__isnull=False).exists() and time.monotonic() < deadline:
        time.sleep(0.1)


class Nemesis:
    """Kills, hangs and pauses processes from outside."""

    def __init__(self, seed: int) -> None:
        self.weather = weather.Weather(seed)
        self.paused: dict[int, float] = {}

    def strike(self) -> None:
        """One blow, or none when its victim is not up."""
        self._resume(time.monotonic())
        blows = [self._kill_child, self._kill_child, self._pause_child, self._kill_web, self._kill_worker, self._hang]
        weights = [4, 4, 3, 3, 2, 1]
        self.weather.random.choices(blows, weights)[0]()

    def let_go(self) -> None:
        """Wake whoever still sleeps."""
        self._resume(float("inf"))

    def _kill_child(self) -> None:
        self._signal(self._a_child(), signal.SIGKILL, "kill -9 of a child of the worker")

    def _kill_web(self) -> None:
        self._signal(_number_in(WEB_PID), signal.SIGKILL, "kill -9 of the web process")

    def _kill_worker(self) -> None:
        """The embedded broker dies with it."""
        self._signal(_number_in(HEARTBEAT), signal.SIGKILL, "kill -9 of the worker and its broker")

    def _hang(self) -> None:
        self._signal(_number_in(HEARTBEAT), signal.SIGSTOP, "hung worker")

    def _pause_child(self) -> None:
        """Long enough for its lease to end: it wakes up after another one did its work."""
        child = self._a_child()
        if self._signal(child, signal.SIGSTOP, "child paused beyond its lease"):
            self.paused[child] = time.monotonic() + 7

    def _resume(self, moment: float) -> None:
        for pid in [pid for pid, until in self.paused.items() if until <= moment]:
            del self.paused[pid]
            self._signal(pid, signal.SIGCONT, "")

    def _a_child(self) -> int:
        worker = _number_in(HEARTBEAT)
        try:
            children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
        except OSError:
            return 0
        return int(self.weather.random.choice(children)) if children else 0

    def _signal(self, pid: int, number: signal.Signals, fault: str) -> bool:
        if not pid:
            return False
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        if fault:
            weather.note("faults", fault)
        return True


def _number_in(file: Path) -> int:
    """The process number that a process left in `file`; 0 when there is none."""
    try:
        return int(file.read_text() or 0)
    except FileNotFoundError:
        return 0
