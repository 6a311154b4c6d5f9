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

import pytest
import redis

from jobs import supervisor
from jobs.supervisor import Program, Supervisor
from tests.jobs.databases import ROOT, environment
from tests.jobs.waiting import until

TIMERS, CROWD, WIPES = 6, 300, 5
DONE = "SELECT payload, result FROM jobs_job WHERE state = 'done' AND kind = 'toy.timer'"


@pytest.fixture(autouse=True)
def _private_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = environment(tmp_path)
    for name in set(os.environ) - set(wanted):
        if name != "PYTEST_CURRENT_TEST":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SINPAPELEO_DATA", wanted["SINPAPELEO_DATA"])
    monkeypatch.chdir(ROOT)


def effects(folder: Path) -> list[int]:
    """How often each job of the crowd had its effect."""
    try:
        with closing(sqlite3.connect(folder / "sinpapeleo.sqlite3", timeout=300)) as connection:
            rows = connection.execute("SELECT agency_id FROM jobs_job WHERE kind = 'toy.crowd' AND agency_id > 0")
            return [count for (count,) in rows.fetchall()]
    except sqlite3.OperationalError:
        return []


def results(folder: Path) -> list[tuple[float, float]]:
    """When each job that is done was due, and when it ran (seconds)."""
    try:
        with closing(sqlite3.connect(folder / "sinpapeleo.sqlite3", timeout=300)) as connection:
            rows = connection.execute(DONE).fetchall()
    except sqlite3.OperationalError:
        return []
    return [(json.loads(payload)["due"], json.loads(result)["at"]) for payload, result in rows]


@pytest.fixture(params=["memory", pytest.param("valkey", marks=pytest.mark.services)])
def broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the broker that the worker uses."""
    url = str(request.getfixturevalue("valkey_url")) if request.param == "valkey" else "memory://"
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    return url


@contextmanager
def supervised_worker(folder: Path, *, crowd: int = 0) -> Iterator[list[str]]:
    """A worker under a supervisor; gives what the supervisor says."""
    code = f"import django; django.setup(); from tests.jobs.toy_worker import main; main({TIMERS}, crowd={crowd})"
    said: list[str] = []
    own = Supervisor([Program("worker", [sys.executable, "-c", code], folder / "heartbeat" / "worker")], said.append)
    thread = threading.Thread(target=own.run)
    thread.start()
    try:
        yield said
    finally:
        own.stop()
        thread.join()


def test_timers_run_promptly_and_never_before_their_time(tmp_path: Path, broker: str) -> None:
    with supervised_worker(tmp_path):
        until(lambda: len(results(tmp_path)) == TIMERS, seconds=300)
    delays = sorted(ran - due for due, ran in results(tmp_path))
    assert delays[0] >= 0
    assert delays[1] < 1  # the slower ones tell how busy the machine was


def test_a_worker_that_hangs_is_replaced_and_its_jobs_are_done(
    tmp_path: Path, broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "HEARTBEAT_LIMIT", 5.0)
    heartbeat = tmp_path / "heartbeat" / "worker"
    with supervised_worker(tmp_path) as said:
        until(lambda: heartbeat.exists() and heartbeat.read_text() != "", seconds=300)
        os.kill(int(heartbeat.read_text()), signal.SIGSTOP)
        until(lambda: len(results(tmp_path)) == TIMERS, seconds=300)
    assert [line for line in said if "señales de vida" in line]


@pytest.mark.services
def test_a_broker_that_is_wiped_again_and_again_loses_nothing(
    tmp_path: Path, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", valkey_url)
    valkey, wiped = redis.Redis.from_url(valkey_url), 0

    def all_done() -> bool:
        nonlocal wiped
        if wiped < WIPES and valkey.llen("fast"):
            valkey.flushdb()
            wiped += 1
        return len(effects(tmp_path)) == CROWD

    with supervised_worker(tmp_path, crowd=CROWD):
        until(all_done, seconds=300)
    assert wiped == WIPES
    assert effects(tmp_path) == [1] * CROWD
