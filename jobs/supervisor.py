"""A small supervisor: keeps a handful of processes alive on one machine, and kills one that only looks alive.

In larger installations systemd or an orchestrator does this; see docs/how-to/run-in-production.md.
"""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

HEARTBEAT_LIMIT = 8.0
"""Seconds without a sign of life after which a process counts as hung, the first time."""
FIRST_HEARTBEAT_LIMIT = 60.0
"""Seconds that a process may take to give its first sign, the first time."""
MOST_PATIENCE = 8
"""How many times longer the limits become, doubling, while a program is found hung again and again: on a machine that
has more to do than it can, killing what is only slow would let it never work."""
STOP_LIMIT = 10.0
"""Seconds that a process may take to end its work when asked to."""
SETTLED = 60.0
"""Seconds after which a process counts as well started, and its next restart waits little again."""
RESTART_LIMIT = 30.0
"""Longest wait, in seconds, before a program that keeps failing is started again."""
TURN = 0.2

_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork
_PR_SET_PDEATHSIG = 1

AnnounceFunction = Callable[[], Iterable[str]]
_announcements: list[AnnounceFunction] = []


def announce(function: AnnounceFunction) -> None:
    """`function()` gives further lines to print once the site answers (a room calls this in `ready()`)."""
    _announcements.append(function)


def announcements() -> Iterator[str]:
    """The lines of all rooms."""
    for function in _announcements:
        yield from function()


class CannotServe(Exception):
    """The machine is not ready to serve; the text says what to do."""


@dataclass(frozen=True)
class Program:
    """What to run: `heartbeat` is the file that it touches, when it has one."""

    name: str
    command: Sequence[str]
    heartbeat: Path | None = None


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    patience: int = 1
    start_at: float = 0.0

    def gave_signs(self) -> bool:
        """Whether it has shown that it lives; always for a program that gives no signs."""
        return self.program.heartbeat is None or self.program.heartbeat.exists()

    def is_hung(self) -> bool:
        """Whether it gave no sign of life for longer than it may; never for a program that gives none."""
        file = self.program.heartbeat
        if file is None:
            return False
        try:
            return time.time() - file.stat().st_mtime > HEARTBEAT_LIMIT * self.patience
        except FileNotFoundError:
            return time.monotonic() - self.started > FIRST_HEARTBEAT_LIMIT * self.patience


@dataclass
class Supervisor:
    """Runs programs until `stop` is called. `say` receives each Spanish line about what happens."""

    programs: Sequence[Program]
    say: Callable[[str], None]
    is_ready: Callable[[], bool] = lambda: True
    on_ready: Callable[[], None] = lambda: None
    _stopping: bool = field(default=False, init=False)

    def stop(self, *_signal: Any) -> None:
        """Stop everything at the next turn; fit to be a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Keep the programs running; returns when all have ended after `stop`."""
        children = [_Child(program) for program in self.programs]
        ready = False
        try:
            while not self._stopping:
                for child in children:
                    self._look_after(child)
                if not ready and self.is_ready():
                    ready = True
                    self.on_ready()
                time.sleep(TURN)
        finally:
            _end([child.process for child in children if child.process is not None])

    def _look_after(self, child: _Child) -> None:
        if child.process is None:
            if time.monotonic() >= child.start_at:
                _start(child)
        elif (code := child.process.poll()) is not None:
            self._plan_restart(
                child, _("%(name)s terminó (código %(code)s)") % {"name": child.program.name, "code": code}
            )
        elif child.is_hung():
            _signal_group(child.process, signal.SIGKILL)
            child.process.wait()
            self._plan_restart(child, _("%(name)s dejó de dar señales de vida") % {"name": child.program.name})
            child.patience = min(2 * child.patience, MOST_PATIENCE)

    def _plan_restart(self, child: _Child, reason: str) -> None:
        assert child.process is not None
        _signal_group(child.process, signal.SIGKILL)
        settled = child.gave_signs() and time.monotonic() - child.started > SETTLED
        child.failures, child.patience = (1, 1) if settled else (child.failures + 1, child.patience)
        wait = min(2.0 ** (child.failures - 1), RESTART_LIMIT)
        child.process, child.start_at = None, time.monotonic() + wait
        self.say(_("%(reason)s; lo inicio de nuevo en %(seconds)d s.") % {"reason": reason, "seconds": wait})


def _start(child: _Child) -> None:
    """Start it in a process group of its own, so that its own children can be ended with it."""
    if child.program.heartbeat is not None:
        child.program.heartbeat.unlink(missing_ok=True)
    parent = os.getpid()

    def die_with_parent() -> None:
        if hasattr(_LIBC, "prctl"):
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(0)

    child.process = subprocess.Popen(  # noqa: S603  (our own programs)
        child.program.command, start_new_session=True, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent
    )
    child.started = time.monotonic()


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all to end, wait a while, and end by force what is left."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_LIMIT
    while time.monotonic() < deadline and any(process.poll() is None for process in processes):
        time.sleep(0.05)
    for process in processes:
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the process and all that it started; nothing when the whole group is gone."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


@contextmanager
def only_instance(data: Path) -> Iterator[None]:
    """Hold the data folder for this process; CannotServe when another instance serves it."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "serve.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = _(
                "Ya hay un Sin Papeleo funcionando con la carpeta %(data)s. Usa ese, o elige otra con SINPAPELEO_DATA."
            )
            raise CannotServe(text % {"data": data}) from None
        yield


def require_free_port(host: str, port: int, variable: str) -> None:
    """CannotServe when something listens on `port` already; `variable` is the setting that chooses another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            text = _(
                "El puerto %(port)s está ocupado por otro programa. Ciérralo, o elige otro: %(variable)s=%(other)s."
            )
            values = {"port": port, "variable": variable, "other": port + 10}
            raise CannotServe(text % values) from None


def answers(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=0.5).close()
    except OSError:
        return False
    return True
