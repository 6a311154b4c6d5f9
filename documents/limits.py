"""A child process with limits of memory, processor and time, for work on what others wrote.

The child stays warm between requests and is replaced after some of them, or when it passes a limit. It is a plain
subprocess, so that it also works inside a daemonic worker. Parent and child exchange JSON, each message after its
length in eight bytes. This module has no Django: the child runs it, with the module that answers as its argument.
"""

import atexit
import importlib
import json
import os
import resource
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_LENGTH = struct.Struct(">Q")
_ROOT = Path(__file__).resolve().parent.parent
MAX_MESSAGE = 256 * 1024 * 1024


class ChildStopped(Exception):
    """The child passed a limit of time, processor or memory, or died. Says which in `reason`, in English."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LimitedChild:
    """One warm child in which `module.answer(request)` answers, one request at a time.

    Safe to use from threads and after a fork. The module and what it imports have no Django.
    """

    def __init__(
        self,
        module: str,
        *,
        address_space: int,
        cpu_seconds: int,
        wall_seconds: float,
        requests_per_child: int = 100,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command = [sys.executable, "-m", "documents.limits", module]
        self._limits = {"address_space": address_space, "cpu_seconds": cpu_seconds}
        self._wall_seconds = wall_seconds
        self._requests_per_child = requests_per_child
        self._environment = dict(environment or {})
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._served = 0
        atexit.register(self.stop)

    def ask(self, request: Mapping[str, Any]) -> Any:
        """The child's answer. Raises ChildStopped when it passed a limit; the next request gets a new child."""
        message = json.dumps(request).encode()
        with self._lock:
            process = self._running()
            try:
                answer = _exchange(process, message, time.monotonic() + self._wall_seconds)
            except BaseException:
                self._kill()
                raise
            self._served += 1
            if self._served >= self._requests_per_child:
                self._kill()
        return json.loads(answer)

    def stop(self) -> None:
        """End the child, if this process started one."""
        with self._lock:
            self._kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and (self._owner != os.getpid() or self._process.poll() is not None):
            self._kill()
        if self._process is None:
            self._process = self._started()
            self._owner, self._served = os.getpid(), 0
        return self._process

    def _started(self) -> subprocess.Popen[bytes]:
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(_ROOT), **self._environment}
        arguments = [*self._command, json.dumps(self._limits)]
        return subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT, env=environment
        )

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if self._owner == os.getpid():
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close_quietly(pipe)


def _close_quietly(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # what was still buffered was meant for a child that is gone
        pipe.close()


def _exchange(process: subprocess.Popen[bytes], message: bytes, deadline: float) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise ChildStopped("no pipes")
    sender = threading.Thread(target=_send, args=(process.stdin, message), daemon=True)
    sender.start()
    (length,) = _LENGTH.unpack(_read(process, _LENGTH.size, deadline))
    if length > MAX_MESSAGE:
        raise ChildStopped("answer too long")
    answer = _read(process, length, deadline)
    sender.join()
    return answer


def _send(pipe: IO[bytes], message: bytes) -> None:
    with suppress(BrokenPipeError, ValueError):  # the reading side reports how the child ended
        pipe.write(_LENGTH.pack(len(message)) + message)
        pipe.flush()


def _read(process: subprocess.Popen[bytes], size: int, deadline: float) -> bytes:
    """`size` bytes of the child's output, or ChildStopped at the deadline or when it closes its end."""
    descriptor = process.stdout.fileno()  # type: ignore[union-attr]
    parts: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while size > 0:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise ChildStopped("wall time")
            part = os.read(descriptor, min(size, 1 << 20))
            if not part:
                raise ChildStopped(f"ended with {process.wait()}")
            parts.append(part)
            size -= len(part)
    return b"".join(parts)


# The child's side


def _serve(answer: Callable[[dict[str, Any]], Any], cpu_seconds: int) -> None:
    """Answer requests until the parent hangs up."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print cannot break the exchange
    while (header := sys.stdin.buffer.read(_LENGTH.size)) and len(header) == _LENGTH.size:
        request = json.loads(sys.stdin.buffer.read(_LENGTH.unpack(header)[0]))
        _allow_processor_time(cpu_seconds)
        message = json.dumps(answer(request)).encode()
        output.write(_LENGTH.pack(len(message)) + message)
        output.flush()


def _allow_processor_time(seconds: int) -> None:
    """Each request may use `seconds` more than what the process has used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _main(module: str, limits: dict[str, int]) -> None:
    """Set the limits, then load the module: what it imports counts too."""
    resource.setrlimit(resource.RLIMIT_AS, (limits["address_space"], limits["address_space"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 20, 16 << 20))
    try:
        _serve(importlib.import_module(module).answer, limits["cpu_seconds"])
    except BrokenPipeError:
        os._exit(0)  # the parent was killed: nobody waits for the answer


if __name__ == "__main__":
    _main(sys.argv[1], json.loads(sys.argv[2]))
