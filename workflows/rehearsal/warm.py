"""A warm process that forks a new one for each thing that is asked: starting Python and Django is paid for once.

Whoever asks keeps one warm: this program, started and waiting. For each ask it forks a child that answers alone and
ends, so that nothing that a child compiled, remembered or broke is there for the next one. The warm process itself
answers nothing and has no connection to a database. It ends with the process that started it, or when nothing was
asked for a while. (`multiprocessing` has such a server, but its children import the main module of who asks: here, the
web server.) This module has no Django.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import NoReturn

BEGAN = b"."
"""What a child says before it reads what is asked."""
_LATE = 10.0
"""Seconds after which an answer is given up whose child should have been stopped already."""
_CHUNK = 1 << 16


class NoAnswer(Exception):
    """The child that was asked ended without an answer, or none could be started."""


class TooLate(NoAnswer):
    """The child was ended: it took longer than it may."""


class TooBusy(NoAnswer):
    """As many children as may be at once were at work, and none of them ended in time."""


class WarmProcess:
    """One that was started ahead of what it will be asked. Safe to use from several threads, and after a fork."""

    def __init__(self, arguments: Sequence[str], seconds: float, *, most: int = 4, patience: float = 20.0) -> None:
        """`arguments` of Python, for a program that calls `serve` with the same `seconds`.

        At most `most` children work at once; whoever asks for one more waits `patience` seconds for its turn.
        """
        self._arguments, self._seconds, self._patience = arguments, seconds, patience
        self._turns = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._started_by: tuple[int, str, dict[str, str]] | None = None
        atexit.register(self.stop)

    def start(self) -> None:
        """Have it started, so that it is warm when something is asked. Does not wait."""
        with self._lock:
            self._running()

    def ask(self, told: bytes) -> bytes:
        """What a child of its own answers. Raises TooBusy, TooLate or NoAnswer."""
        if not self._turns.acquire(timeout=self._patience):
            raise TooBusy
        try:
            return self._answer(told)
        finally:
            self._turns.release()

    def _answer(self, told: bytes) -> bytes:
        for _attempt in range(2):  # it may have ended just now, for lack of work
            began = monotonic()
            said = self._asked(told)
            if said == BEGAN:
                raise TooLate if monotonic() - began >= self._seconds else NoAnswer
            if said:
                return said.removeprefix(BEGAN)
            self.stop()
        raise NoAnswer

    def stop(self) -> None:
        """End it, if this process started it. What it is asked already is answered all the same."""
        with self._lock:
            self._forget()

    def _asked(self, told: bytes) -> bytes:
        ours, theirs = socket.socketpair()
        heard = []
        with ours, suppress(OSError):
            with theirs, self._lock:
                socket.send_fds(self._running(), [BEGAN], [theirs.fileno()])
            ours.settimeout(self._seconds + _LATE)
            ours.sendall(told)
            ours.shutdown(socket.SHUT_WR)
            while part := ours.recv(_CHUNK):
                heard.append(part)
        return b"".join(heard)

    def _running(self) -> socket.socket:
        """Where it is asked. One that another process, program or environment started is not ours."""
        here = (os.getpid(), sys.executable, dict(os.environ))
        if self._process is None or self._started_by != here or self._process.poll() is not None:
            self._forget()
        if self._control is None:
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 (this program, with nothing of what is asked)
                    [sys.executable, *self._arguments],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                )
            self._started_by = here
        return self._control

    def _forget(self) -> None:
        control, self._control = self._control, None
        process, self._process = self._process, None
        if control is not None:
            control.close()
        if process is not None and self._started_by is not None and self._started_by[0] == os.getpid():
            process.kill()
            process.wait()


# The side of the warm process


def serve(answer: Callable[[bytes], bytes], *, seconds: float, idle: float) -> None:
    """Fork a child for each ask that comes by standard input, until the asker hangs up or asks nothing for `idle`.

    A child that has not answered after `seconds` is ended by the system.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children that ended leave nothing to collect
    gc.freeze()
    with socket.socket(fileno=sys.stdin.fileno()) as control:
        control.settimeout(idle)
        with suppress(TimeoutError):
            while descriptors := socket.recv_fds(control, len(BEGAN), 1)[1]:
                with socket.socket(fileno=descriptors[0]) as asked:
                    if os.fork() == 0:
                        _answer_alone(asked, answer, seconds)


def _answer_alone(asked: socket.socket, answer: Callable[[bytes], bytes], seconds: float) -> NoReturn:
    """Answer and end; whoever asked sees a failure that `answer` does not tell as an answer that does not come."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        asked.sendall(BEGAN)
        asked.sendall(answer(b"".join(iter(lambda: asked.recv(_CHUNK), b""))))
        status = 0
    finally:
        os._exit(status)
