"""A warm process starts Python once; each ask has a process of its own, and what goes wrong in one ends with it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.house.tree import ROOT
from workflows.rehearsal.warm import NoAnswer, TooBusy, TooLate, WarmProcess

PROGRAM = """
import os, signal, sys
sys.path.insert(0, {root!r})
from workflows.rehearsal.warm import serve

seen = []

def answer(told):
    seen.append(told)
    match told:
        case b"never":
            signal.pause()
        case b"fails":
            raise ValueError
        case b"dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case b"who":
            return b"%d %d %d" % (os.getppid(), os.getpid(), len(seen))
    return told[::-1]

serve(answer, seconds={seconds}, idle={idle})
"""
PATIENT = 60.0


def process_with(seconds: float = PATIENT, idle: float = PATIENT, **limits: Any) -> WarmProcess:
    program = PROGRAM.format(root=str(ROOT), seconds=seconds, idle=idle)
    return WarmProcess(["-c", program], seconds, **limits)


@pytest.fixture
def process() -> Iterator[WarmProcess]:
    made = process_with()
    yield made
    made.stop()


def who(process: WarmProcess) -> tuple[int, int, int]:
    """The warm process, the child that answered, and how much that child had been asked."""
    warm, child, asked = map(int, process.ask(b"who").split())
    return warm, child, asked


def test_each_ask_has_a_process_of_its_own_that_remembers_nothing_of_the_others(process: WarmProcess) -> None:
    (warm, first, one), (same, second, none_before) = who(process), who(process)
    assert warm == same
    assert len({os.getpid(), warm, first, second}) == 4
    assert (one, none_before) == (1, 1)


@pytest.mark.parametrize("wrong", [b"fails", b"dies"])
def test_a_child_that_fails_answers_nothing_and_the_next_one_does(process: WarmProcess, wrong: bytes) -> None:
    warm = who(process)[0]
    with pytest.raises(NoAnswer):
        process.ask(wrong)
    assert who(process)[0] == warm


def test_a_child_that_would_never_end_is_ended() -> None:
    process = process_with(seconds=0.2)
    with pytest.raises(TooLate):
        process.ask(b"never")
    process.stop()


def test_more_at_once_than_may_be_are_told_to_wait() -> None:
    """However many press «Probar», as many processes work as the machine was given for it."""
    process = process_with(most=1, patience=0.0)
    with process._turns, pytest.raises(TooBusy):
        process.ask(b"who")
    assert who(process)
    process.stop()


def test_more_than_a_pipe_holds_goes_both_ways(process: WarmProcess) -> None:
    told = os.urandom(3 << 20)
    assert process.ask(told) == told[::-1]


def test_a_process_that_was_killed_is_replaced(process: WarmProcess) -> None:
    warm = who(process)[0]
    os.kill(warm, signal.SIGKILL)
    assert who(process)[0] != warm


def test_a_process_of_which_nothing_is_asked_ends_and_another_answers_later() -> None:
    idle = process_with(idle=0.05)
    warm = who(idle)[0]
    started = idle._process
    assert started is not None
    assert started.wait(timeout=PATIENT) == 0
    assert who(idle)[0] != warm
    idle.stop()


def test_another_environment_gets_another_process(process: WarmProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settings are read when it starts."""
    warm = who(process)[0]
    monkeypatch.setenv("SINPAPELEO_DATA", "/elsewhere")
    assert who(process)[0] != warm
