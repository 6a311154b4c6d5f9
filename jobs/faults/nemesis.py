"""Kills, hangs, pauses and cuts processes from outside, and the database and broker between them."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from jobs.faults import weather

HEARTBEAT = Path(settings.HEARTBEAT_DIR) / "worker"
WEB_PID = weather.JOURNAL / "web.pid"
SESSIONS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Nemesis:
    """Strikes by its seed. What there is to strike depends on the database and the broker of this run."""

    def __init__(self, seed: int) -> None:
        self.weather = weather.Weather(seed)
        self.paused: dict[int, float] = {}
        self.blows: dict[Callable[[], None], int] = {
            self._kill_child: 8,
            self._pause_child: 3,
            self._kill_web: 3,
            self._kill_worker: 2,
            self._hang: 1,
        }
        if settings.CELERY_BROKER_URL.startswith("redis"):
            self.blows |= {self._kill_broker: 2, self._wipe_broker: 4, self._cut_broker: 2}
        if connection.vendor == "postgresql":
            self.blows |= {self._end_sessions: 2, self._crash_database: 1}

    def strike(self) -> None:
        """One blow, or none when its victim is not up."""
        self._resume(time.monotonic())
        self.weather.random.choices(list(self.blows), list(self.blows.values()))[0]()

    def let_go(self) -> None:
        """Wake whoever still sleeps."""
        self._resume(float("inf"))

    def _kill_child(self) -> None:
        self._signal(self._a_child(), signal.SIGKILL, "kill -9 of a child of the worker")

    def _kill_web(self) -> None:
        self._signal(_number_in(WEB_PID), signal.SIGKILL, "kill -9 of the web process")

    def _kill_worker(self) -> None:
        """An embedded broker dies with it."""
        self._signal(_number_in(HEARTBEAT), signal.SIGKILL, "kill -9 of the worker")

    def _hang(self) -> None:
        self._signal(_number_in(HEARTBEAT), signal.SIGSTOP, "hung worker")

    def _pause_child(self) -> None:
        """Long enough for its lease to end: it wakes up after another one did its work."""
        child = self._a_child()
        if self._signal(child, signal.SIGSTOP, "child paused beyond its lease"):
            self.paused[child] = time.monotonic() + 7

    def _kill_broker(self) -> None:
        """It keeps nothing on disk: everything in it is gone."""
        self._at_broker("kill -9 of the broker", lambda broker: os.kill(broker.info()["process_id"], signal.SIGKILL))

    def _wipe_broker(self) -> None:
        self._at_broker("broker wiped", lambda broker: broker.flushall())

    def _cut_broker(self) -> None:
        self._at_broker("broker connections cut", lambda broker: broker.client_kill_filter(_type="normal"))

    def _at_broker(self, fault: str, blow: Callable[[redis.Redis], object]) -> None:
        try:
            blow(redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=2))
        except (redis.RedisError, OSError):
            return
        weather.note("faults", fault)

    def _end_sessions(self) -> None:
        self._at_database("database sessions ended", f"SELECT pg_terminate_backend(pid) {SESSIONS}", lambda found: None)

    def _crash_database(self) -> None:
        """The death of one server process makes PostgreSQL drop every session and recover from its log."""
        self._at_database(
            "database crashed", f"SELECT pid {SESSIONS} LIMIT 1", lambda found: os.kill(found, signal.SIGKILL)
        )

    def _at_database(self, fault: str, query: str, blow: Callable[[int], None]) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(query)
                found = cursor.fetchone()
                if found:
                    blow(found[0])
                    weather.note("faults", fault)
        except (DatabaseError, ProcessLookupError):
            connection.close()

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
