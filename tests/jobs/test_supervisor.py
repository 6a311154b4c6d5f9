"""The supervisor keeps programs alive, kills what only looks alive, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobs import supervisor
from jobs.supervisor import CannotServe, Program, Supervisor
from tests.jobs.databases import ROOT, environment
from tests.jobs.waiting import until

LIVELY = 'echo $$ >> "$0/pids"; while :; do touch "$0/beat"; sleep 0.1; done'
SILENT = 'echo $$ >> "$0/pids"; sleep 600'


def program(folder: Path, script: str, *, beats: bool = True) -> Program:
    return Program("toy", ["sh", "-c", script, str(folder)], heartbeat=folder / "beat" if beats else None)


def pids(folder: Path) -> list[int]:
    file = folder / "pids"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@contextmanager
def running(*programs: Program) -> Iterator[list[str]]:
    said: list[str] = []
    own = Supervisor(programs, said.append)
    thread = threading.Thread(target=own.run)
    thread.start()
    try:
        yield said
    finally:
        own.stop()
        thread.join()


def test_a_program_that_is_killed_is_started_again_and_the_reason_is_said(tmp_path: Path) -> None:
    with running(program(tmp_path, LIVELY)) as said:
        until(lambda: pids(tmp_path), seconds=300)
        os.kill(pids(tmp_path)[0], signal.SIGKILL)
        until(lambda: len(pids(tmp_path)) == 2, seconds=300)
    assert said == ["toy terminó (código -9); lo inicio de nuevo en 1 s."]


def test_a_program_that_stands_still_is_killed_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "HEARTBEAT_LIMIT", 2.0)
    with running(program(tmp_path, LIVELY)) as said:
        until((tmp_path / "beat").exists, seconds=300)
        os.kill(pids(tmp_path)[0], signal.SIGSTOP)
        until(lambda: len(pids(tmp_path)) == 2, seconds=300)
        assert not alive(pids(tmp_path)[0])
    assert said == ["toy dejó de dar señales de vida; lo inicio de nuevo en 1 s."]


def test_a_program_that_never_gives_a_sign_is_killed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_HEARTBEAT_LIMIT", 0.5)
    with running(program(tmp_path, SILENT)):
        until(lambda: len(pids(tmp_path)) >= 2, seconds=300)


def test_a_program_that_is_found_hung_again_and_again_gets_more_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine with too much to do it is slow, not hung: killed at the same age each time it would never work."""
    monkeypatch.setattr(supervisor, "FIRST_HEARTBEAT_LIMIT", 10.0)
    clock = [0.0]
    monkeypatch.setattr("jobs.supervisor.time.monotonic", lambda: clock[0])
    child = supervisor._Child(program(tmp_path, SILENT))
    ages = []
    own = supervisor.Supervisor([], say=lambda line: None)
    for _kill in range(5):
        supervisor._start(child)
        process, born = child.process, clock[0]
        while child.process is process:
            clock[0] += 1
            own._look_after(child)
        ages.append(clock[0] - born)
        clock[0] = child.start_at
    assert ages == [11, 21, 41, 81, 81]


STUBBORN = """trap "" TERM; sh -c 'echo $$ >> "$0/pids"; sleep 600' "$0" & echo $$ >> "$0/pids"; wait $!"""


def test_stopping_ends_the_programs_and_all_that_they_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_LIMIT", 0.5)
    with running(program(tmp_path, STUBBORN, beats=False), program(tmp_path, SILENT, beats=False)):
        until(lambda: len(pids(tmp_path)) == 3, seconds=300)
    until(lambda: not [pid for pid in pids(tmp_path) if alive(pid)], seconds=300)


def test_the_programs_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = (
        "import django, sys; django.setup(); from jobs.supervisor import Program, Supervisor\n"
        "Supervisor([Program('toy', ['sh', '-c', *sys.argv[1:]])], print).run()"
    )
    command = [sys.executable, "-c", code, SILENT.replace("sleep", "exec sleep"), str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, env=environment(tmp_path)) as own:
        until(lambda: pids(tmp_path), seconds=300)
        own.kill()
    until(lambda: not alive(pids(tmp_path)[0]), seconds=300)


def test_a_second_instance_on_the_same_data_is_refused_in_words(tmp_path: Path) -> None:
    with (
        supervisor.only_instance(tmp_path),
        pytest.raises(CannotServe, match=r"Ya hay un Sin Papeleo funcionando.*SINPAPELEO_DATA"),
        supervisor.only_instance(tmp_path),
    ):
        raise AssertionError("two instances")
    with supervisor.only_instance(tmp_path):
        pass


def test_a_port_in_use_is_named_with_the_setting_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServe, match=rf"El puerto {port} está ocupado.*PORT={port + 10}"):
            supervisor.require_free_port("127.0.0.1", port, "PORT")
    supervisor.require_free_port("127.0.0.1", port, "PORT")


def test_rooms_add_lines_to_the_welcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_announcements", [])
    supervisor.announce(lambda: ["Entra como Ana."])
    assert list(supervisor.announcements()) == ["Entra como Ana."]
