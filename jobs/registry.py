"""Which code attends which kind of job. Rooms register in their `AppConfig.ready()`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from jobs.errors import KindTaken, UnknownKind
from jobs.models import Job

QUEUES = ("fast", "mail", "pdf", "sign", "bulk")

PureFunction = Callable[[Job, datetime], dict[str, Any] | None]


class Handler(Protocol):
    """Attends one kind of job whose effect lies outside the database.

    `key` is the same in every attempt of a job: give it to the provider as idempotency key.
    A handler may also define `ask(prepared, key)`: it returns what `call` would have returned when the
    provider already did the work under that key, or None when it certainly did not.
    """

    @property
    def kind(self) -> str:
        """The kind of job that it attends."""

    @property
    def queue(self) -> str:
        """One of QUEUES."""

    @property
    def timeout(self) -> timedelta:
        """The longest that `call` may take."""

    @property
    def max_attempts(self) -> int:
        """After so many attempts the job is dead."""

    def prepare(self, job: Job) -> Any:
        """Read what `call` needs; runs in the claiming transaction."""

    def call(self, prepared: Any, key: str) -> Any:
        """Cause the effect; runs outside any transaction and must end within `timeout`."""

    def finish(self, job: Job, result: Any, now: datetime) -> dict[str, Any] | None:
        """Record the result (small, JSON-able); runs in the finishing transaction."""

    def gave_up(self, job: Job, now: datetime) -> None:
        """Record that no further attempt will be made; runs in the transaction that makes the job dead."""


@runtime_checkable
class Asks(Protocol):
    """A handler that can find out what became of a call."""

    def ask(self, prepared: Any, key: str) -> Any:
        """The result of the call made earlier under `key`, or None when there was none."""


@dataclass(frozen=True)
class PureHandler:
    """Attends a kind whose whole effect lies in the database: claim, effect and finish are one transaction."""

    kind: str
    function: PureFunction
    queue: str = "fast"
    timeout: timedelta = timedelta(seconds=30)
    max_attempts: int = 8

    def prepare(self, job: Job) -> None:
        """Nothing to read before."""

    def call(self, prepared: None, key: str) -> None:
        """Nothing happens outside the database."""

    def finish(self, job: Job, result: None, now: datetime) -> dict[str, Any] | None:
        """The effect itself."""
        return self.function(job, now)

    def gave_up(self, job: Job, now: datetime) -> None:
        """Nothing to record beyond the job's own state."""


_handlers: dict[str, Handler] = {}


def register_pure(kind: str, function: PureFunction, *, queue: str = "fast", max_attempts: int = 8) -> None:
    """`function(job, now)` attends `kind` exactly once, inside one transaction. KindTaken when repeated."""
    register_external(PureHandler(kind, function, queue=queue, max_attempts=max_attempts))


def register_external(handler: Handler) -> None:
    """`handler` attends the jobs of its kind. KindTaken when another one does already."""
    if handler.kind in _handlers:
        raise KindTaken(handler.kind)
    if handler.queue not in QUEUES:
        raise ValueError(handler.queue)
    _handlers[handler.kind] = handler


def find(kind: str) -> Handler | None:
    """The handler of `kind`, or None."""
    return _handlers.get(kind)


def get(kind: str) -> Handler:
    """The handler of `kind`; UnknownKind when there is none."""
    handler = find(kind)
    if handler is None:
        raise UnknownKind(kind)
    return handler


_recurring: dict[str, timedelta] = {}


def every(period: timedelta, kind: str) -> None:
    """Let a job of `kind`, which somebody must attend, run again `period` after it ended, without anybody asking."""
    _recurring[kind] = period


def every_day(kind: str) -> None:
    """Let a job of `kind` run once a day."""
    every(timedelta(days=1), kind)


def recurring() -> dict[str, timedelta]:
    """{kind: period} of the jobs that run again and again."""
    return dict(_recurring)


@contextmanager
def only_here(*handlers: Handler) -> Iterator[None]:
    """Register `handlers` for the length of a block, replacing those of the same kind (fault harness, tests)."""
    before = dict(_handlers)
    _handlers.update({handler.kind: handler for handler in handlers})
    try:
        yield
    finally:
        _handlers.clear()
        _handlers.update(before)


CaseLock = Callable[[int], object]
_case_lock: CaseLock | None = None


def set_case_lock(function: CaseLock | None) -> None:
    """`function(case_id)` locks the case's row, or raises CaseMissing; it runs before a job of that case is touched."""
    global _case_lock
    _case_lock = function


def lock_case(case_id: int | None) -> None:
    """Lock the case of a job, when it has one."""
    if case_id is not None and _case_lock is not None:
        _case_lock(case_id)
