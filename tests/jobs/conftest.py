"""Toy handlers with which the job table is tested."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs import registry
from jobs.models import Job

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Recorder:
    """An external handler that writes down what happens to it; `behave` decides each call."""

    kind: str = "toy.external"
    queue: str = "mail"
    timeout: timedelta = timedelta(seconds=10)
    max_attempts: int = 3
    behave: Callable[[str], Any] = lambda key: {"sent": key}
    calls: list[str] = field(default_factory=list)
    gave_up_on: list[int] = field(default_factory=list)

    def prepare(self, job: Job) -> Any:
        return job.payload

    def call(self, prepared: Any, key: str) -> Any:
        self.calls.append(key)
        return self.behave(key)

    def finish(self, job: Job, result: Any, now: datetime) -> dict[str, Any]:
        return dict(result)

    def gave_up(self, job: Job, now: datetime) -> None:
        self.gave_up_on.append(job.pk)


@dataclass
class AskingRecorder(Recorder):
    """The same, able to find out what became of a call."""

    answer: Callable[[str], Any] = lambda key: None
    questions: list[str] = field(default_factory=list)

    def ask(self, prepared: Any, key: str) -> Any:
        self.questions.append(key)
        return self.answer(key)


Register = Callable[..., None]


@pytest.fixture(autouse=True)
def _no_case_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cases of these tests are numbers without rows."""
    monkeypatch.setattr(registry, "_case_lock", None)


@pytest.fixture
def register() -> Iterator[Register]:
    """Register handlers for the length of one test."""
    with ExitStack() as stack:
        yield lambda *handlers: stack.enter_context(registry.only_here(*handlers))
