"""The publish gate: one registry of checks. Their findings block publishing, fill the task list and answer the command.

Checks run in phases; a phase with errors ends the run, so that one misspelt name does not bring ten consequences.
Higher rooms register their own checks in `ready()`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from procedures.findings import Finding, Place, Severity, make_finding
from procedures.graph import Graph, Scope
from procedures.schema import BaseStep, Bundle


class Phase(IntEnum):
    """When a check runs: it may rely on what the phases before it found sound."""

    NAMES = 1
    DATA = 2
    FLOW = 3
    REACH = 4
    MEANING = 5


@dataclass(frozen=True)
class PlacedStep:
    """A step with its place in the data and the branch it lives in."""

    step: BaseStep
    place: Place
    scope: Scope


@dataclass(frozen=True)
class Subject:
    """A bundle under examination."""

    bundle: Bundle
    lines: dict[Place, int] = field(default_factory=dict)

    @cached_property
    def steps(self) -> tuple[PlacedStep, ...]:
        """Every step with its place, in reading order."""
        return tuple(_placed(self.bundle.steps, ("steps",), ()))

    @cached_property
    def graph(self) -> Graph:
        """How the steps follow each other."""
        return Graph.of(self.bundle)

    def finding(self, place: Place, code: str, message: str, remedy: str, severity: Severity = "error") -> Finding:
        """A finding at a place of this bundle."""
        return make_finding(self.lines, place, code, message, remedy, severity)


Check = Callable[[Subject], Iterable[Finding]]
_CHECKS: dict[Phase, list[Check]] = {phase: [] for phase in Phase}


def register(phase: Phase) -> Callable[[Check], Check]:
    """Adds a check to the gate, once."""

    def add(check: Check) -> Check:
        if check not in _CHECKS[phase]:
            _CHECKS[phase].append(check)
        return check

    return add


def run(subject: Subject) -> list[Finding]:
    """What every check finds, in order of line; the phases after one with errors are not run."""
    found: list[Finding] = []
    for checks in _CHECKS.values():
        found += [finding for check in checks for finding in check(subject)]
        if any(finding.severity == "error" for finding in found):
            break
    return sorted(dict.fromkeys(found), key=lambda finding: finding.line)


def _placed(steps: tuple[BaseStep, ...], place: Place, scope: Scope) -> Iterator[PlacedStep]:
    for index, step in enumerate(steps):
        here: Place = (*place, index)
        yield PlacedStep(step, here, scope)
        for number, branch in enumerate(step.inner):
            yield from _placed(branch, (*here, *step.inner_place(number)), (*scope, (step.id, number)))
