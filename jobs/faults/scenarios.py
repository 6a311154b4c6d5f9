"""What the fault harness works on: kinds of work whose effects can be counted outside the job table."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils.module_loading import import_string

from jobs.models import Job


@dataclass(frozen=True)
class Verdict:
    """What became of one kind of work."""

    name: str
    jobs: int
    """How much there was of it."""
    lost: int
    """Not done at the end, or done without an effect."""
    doubled: int
    """With more effects than its attempts explain, or than the other side may accept."""
    repeated: int
    """Sent again under the same key after an attempt of unknown outcome: allowed where nobody can be asked."""


class Scenario(Protocol):
    """One kind of work. The product's own kinds take part by giving such a class; see toys for examples."""

    kind: str
    """A kind of job that appears once there is something to judge."""

    def install(self) -> None:
        """Register handlers; runs in every process. Kinds of the product are registered already."""

    def set_up(self) -> None:
        """Create, once, the rows that `begin` needs."""

    def begin(self, now: datetime) -> None:
        """Decide something that causes jobs; runs inside a transaction."""

    def verdicts(self) -> Iterable[Verdict]:
        """What became of it, once nothing is left to do."""


class CountedJobs(ABC):
    """Base of the scenarios that look at jobs of one kind, and count the effects of each outside the job table."""

    name: str
    kind: str

    @abstractmethod
    def effects(self) -> Counter[int]:
        """How often the effect of each job (by its id) happened."""

    @abstractmethod
    def is_once(self) -> bool:
        """Whether the other side recognises a repeated key, so that more than one effect is a fault."""

    def verdicts(self) -> Iterator[Verdict]:
        """Compare the rows of the job table with what happened outside it."""
        effects = self.effects()
        rows = list(Job.objects.filter(kind=self.kind).values_list("id", "state", "attempts"))
        lost = sum(state != Job.State.DONE or not effects[job_id] for job_id, state, _ in rows)
        allowed = {job_id: 1 if self.is_once() else attempts for job_id, _, attempts in rows}
        doubled = sum(times > allowed.get(job_id, 0) for job_id, times in effects.items())
        repeated = sum(1 < times <= allowed.get(job_id, 0) for job_id, times in effects.items())
        yield Verdict(self.name, len(rows), lost, doubled, repeated)


def load(names: Sequence[str]) -> list[Scenario]:
    """The scenarios of these dotted names, installed in this process."""
    scenarios: list[Scenario] = [import_string(name)() for name in names]
    for scenario in scenarios:
        scenario.install()
    return scenarios


def judge(scenarios: Iterable[Scenario]) -> list[Verdict]:
    """What became of each of them."""
    return [verdict for scenario in scenarios for verdict in scenario.verdicts()]
