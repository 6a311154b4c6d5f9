"""Starts servers that die with the test run, even when it is killed."""

import contextlib
import ctypes
import itertools
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

LIBC = ctypes.CDLL(None)
"""Loaded before any fork: afterwards another user may be unable to read Python's own files."""
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    if hasattr(LIBC, "prctl"):
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def unprivileged_account() -> pwd.struct_passwd | None:
    """The account for servers that refuse root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("neither the account postgres nor nobody exists")


def start(arguments: Sequence[str], log: Path, account: pwd.struct_passwd | None = None) -> subprocess.Popen[bytes]:
    """A child process that receives SIGINT when this thread's process ends; output goes to `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_die_with_parent,
        )


def stop(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGINT) -> None:
    """Ask the process to end and wait; kill it after a minute."""
    process.send_signal(number)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 300) -> None:
    """Return when `ready()`; RuntimeError with the log when the process ends or time runs out."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not become ready:\n{log.read_text(errors='replace')}")
        time.sleep(0.02)


_turns = itertools.count(os.getpid() * 331)


def free_port() -> int:
    """A loopback port that nobody listens on, and that nobody else gets: not from the kernel, nor by asking here.

    The kernel gives away ports from 32,768; parallel workers begin at different places of the range below.
    """
    while True:
        port = 20_000 + next(_turns) % 12_000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def listens(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
