"""A real Celery worker, embedded and on Valkey: prompt, replaced when it hangs, unharmed when the broker forgets."""

import json
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from jobs import supervisor
from jobs.supervisor import Program, Supervisor
from jobs.worker import STUCK_LIMIT, PoolWatch
from tests.jobs.databases import ROOT, environment
from tests.jobs.toy_worker import RELEASED
from tests.jobs.waiting import until

TIMERS, CROWD, HELD, WIPES = 4, 270, 30, 5
DONE = "SELECT payload, result FROM jobs_job WHERE state = 'done' AND kind = 'toy.timer'"
EFFECTS = "SELECT agency_id FROM jobs_job WHERE kind <> 'toy.timer' AND agency_id > 0"


@pytest.fixture(autouse=True)
def _private_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = environment(tmp_path)
    for name in set(os.environ) - set(wanted):
        if name != "PYTEST_CURRENT_TEST":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SINPAPELEO_DATA", wanted["SINPAPELEO_DATA"])
    monkeypatch.chdir(ROOT)


def rows(folder: Path, query: str) -> list[Any]:
    """What the worker's database answers; nothing while it has no tables."""
    try:
        with closing(sqlite3.connect(folder / "sinpapeleo.sqlite3", timeout=300)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []


def effects(folder: Path) -> list[int]:
    """How often each job that is held, or of the crowd, had its effect."""
    return [count for (count,) in rows(folder, EFFECTS)]


def waves(folder: Path) -> int:
    """How often the job was sent that was sent most often."""
    return max((sends for (sends,) in rows(folder, "SELECT sends FROM jobs_job")), default=0)


def results(folder: Path) -> list[tuple[float, float]]:
    """When each timer that is done was due, and when it ran (seconds)."""
    found = rows(folder, DONE)
    return [(json.loads(payload)["due"], json.loads(result)["at"]) for payload, result in found]


@pytest.fixture(params=["memory", pytest.param("valkey", marks=pytest.mark.services)])
def broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the broker that the worker uses."""
    url = str(request.getfixturevalue("valkey_url")) if request.param == "valkey" else "memory://"
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    return url


@contextmanager
def supervised_worker(folder: Path, *, held: int = 0, crowd: int = 0) -> Iterator[list[str]]:
    """A worker under a supervisor; gives what the supervisor says."""
    start = f"main({TIMERS}, held={held}, crowd={crowd})"
    code = f"import django; django.setup(); from tests.jobs.toy_worker import main; {start}"
    said: list[str] = []
    own = Supervisor([Program("worker", [sys.executable, "-c", code], folder / "heartbeat" / "worker")], said.append)
    thread = threading.Thread(target=own.run)
    thread.start()
    try:
        yield said
    finally:
        own.stop()
        thread.join()


def test_the_watch_over_the_children_knows_busy_and_idle_from_stuck() -> None:
    watch = PoolWatch(children=2)
    late = STUCK_LIMIT + 1
    assert not watch.is_stuck(0, begun=7, waiting=3, active=1)
    assert watch.is_stuck(late, begun=7, waiting=3, active=1), "a child is free, a task waits, and nothing begins"
    assert not watch.is_stuck(late, begun=8, waiting=2, active=1), "one has begun"
    assert not watch.is_stuck(2 * late, begun=8, waiting=2, active=2), "all are busy with long work"
    assert not watch.is_stuck(3 * late, begun=8, waiting=0, active=0), "nobody waits"
    assert not watch.is_stuck(3 * late + 1, begun=8, waiting=1, active=0), "it has only just come"


def test_timers_wait_for_no_slow_job_and_never_run_before_their_time(tmp_path: Path, broker: str) -> None:
    with supervised_worker(tmp_path, held=1):
        until(lambda: len(results(tmp_path)) == TIMERS, seconds=300)
        assert effects(tmp_path) == []
        (tmp_path / RELEASED).touch()
        until(lambda: effects(tmp_path) == [1], seconds=300)
    assert [due for due, ran in results(tmp_path) if ran < due] == []


def test_a_worker_that_hangs_is_replaced_and_its_jobs_are_done(
    tmp_path: Path, broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "HEARTBEAT_LIMIT", 5.0)
    heartbeat = tmp_path / "heartbeat" / "worker"
    with supervised_worker(tmp_path) as said:
        os.kill(int(until(lambda: heartbeat.exists() and heartbeat.read_text(), seconds=300)), signal.SIGSTOP)
        until(lambda: [line for line in said if "señales de vida" in line], seconds=300)
        until(lambda: len(results(tmp_path)) == TIMERS, seconds=300)


def test_children_killed_while_they_wait_for_work_hold_nothing_up(
    tmp_path: Path, broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of them waits at the pipe of the embedded broker with the lock in its hand, so all are killed at once."""
    monkeypatch.setattr(supervisor, "HEARTBEAT_LIMIT", 5.0)
    heartbeat = tmp_path / "heartbeat" / "worker"
    with supervised_worker(tmp_path):
        for child in until(lambda: children_of(heartbeat), seconds=300):
            os.kill(child, signal.SIGKILL)
        until(lambda: len(results(tmp_path)) == TIMERS, seconds=300)


def children_of(heartbeat: Path) -> list[int]:
    """The child processes of the worker that beats there, once there are two; none while it is not known."""
    worker = heartbeat.read_text() if heartbeat.exists() else ""
    found = Path(f"/proc/{worker}/task/{worker}/children").read_text().split() if worker else []
    return [int(child) for child in found] if len(found) == 2 else []


@pytest.mark.services
def test_a_broker_that_is_wiped_again_and_again_loses_nothing(
    tmp_path: Path, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", valkey_url)
    valkey = redis.Redis.from_url(valkey_url)
    with supervised_worker(tmp_path, held=HELD, crowd=CROWD):
        for wipe in range(WIPES):
            until(lambda wave=wipe + 1: waves(tmp_path) >= wave and valkey.llen("fast"), seconds=300)  # type: ignore[misc]
            valkey.flushdb()  # both children are held, so most of what was sent is lost
        (tmp_path / RELEASED).touch()
        until(lambda: len(effects(tmp_path)) == HELD + CROWD, seconds=300)
    assert effects(tmp_path) == [1] * (HELD + CROWD)
