"""What the fault harness works on: kinds of work whose effects can be counted outside the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils.module_loading import import_string

from jobs.models import Job


class Scenario(Protocol):
    """One kind of work. The product's own kinds take part by giving such a class; see toys for examples."""

    name: str
    kind: str
    """The kind of job whose effects are counted."""

    def install(self) -> None:
        """Register handlers; runs in every process. Kinds of the product are registered already."""

    def set_up(self) -> None:
        """Create, once, the rows that `begin` needs."""

    def begin(self, now: datetime) -> None:
        """Decide something that causes a job of this kind; runs inside a transaction."""

    def effects(self) -> Counter[int]:
        """How often the effect of each job (by its id) happened, counted outside the job table."""

    def is_once(self) -> bool:
        """Whether the other side recognises a repeated key, so that more than one effect is a fault."""


@dataclass(frozen=True)
class Verdict:
    """What became of the jobs of one scenario."""

    name: str
    jobs: int
    lost: int
    """Not done at the end, or done without an effect."""
    doubled: int
    """With more effects than its attempts explain, or than the other side may accept."""
    repeated: int
    """Sent again under the same key after an attempt of unknown outcome: allowed where nobody can be asked."""


def load(names: Sequence[str]) -> list[Scenario]:
    """The scenarios of these dotted names, installed in this process."""
    scenarios: list[Scenario] = [import_string(name)() for name in names]
    for scenario in scenarios:
        scenario.install()
    return scenarios


def judge(scenario: Scenario) -> Verdict:
    """Compare the rows of the job table with what happened outside it."""
    effects = scenario.effects()
    rows = list(Job.objects.filter(kind=scenario.kind).values_list("id", "state", "attempts"))
    lost = sum(state != Job.State.DONE or not effects[job_id] for job_id, state, _ in rows)
    allowed = {job_id: 1 if scenario.is_once() else attempts for job_id, _, attempts in rows}
    doubled = sum(times > allowed.get(job_id, 0) for job_id, times in effects.items())
    repeated = sum(1 < times <= allowed.get(job_id, 0) for job_id, times in effects.items())
    return Verdict(scenario.name, len(rows), lost, doubled, repeated)
