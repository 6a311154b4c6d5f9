"""Adds up verdicts and shows them."""

import json
from collections import Counter
from collections.abc import Iterable

from jobs.faults.scenarios import Verdict


def add_up(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """One verdict per scenario, in order of appearance."""
    sums: dict[str, Verdict] = {}
    for one in verdicts:
        so_far = sums.get(one.name, Verdict(one.name, 0, 0, 0, 0))
        sums[one.name] = Verdict(
            one.name,
            so_far.jobs + one.jobs,
            so_far.lost + one.lost,
            so_far.doubled + one.doubled,
            so_far.repeated + one.repeated,
        )
    return list(sums.values())


def kinds(faults: Iterable[str]) -> str:
    """A line per kind of fault, with how often it happened."""
    return "\n".join(f"{times:>8}  {fault}" for fault, times in Counter(faults).most_common())


def table(verdicts: Iterable[Verdict]) -> str:
    """A line per scenario."""
    head = f"{'trabajo':<16}{'cuántos':>10}{'perdidos':>10}{'dobles':>10}{'repetidos con su clave':>26}"
    lines = [f"{one.name:<16}{one.jobs:>10}{one.lost:>10}{one.doubled:>10}{one.repeated:>26}" for one in verdicts]
    return "\n".join([head, *lines])


def summary(verdicts: Iterable[Verdict], faults: int) -> dict[str, int]:
    """The figures that decide whether the run was good."""
    found = list(verdicts)
    return {
        "faults": faults,
        "jobs": sum(one.jobs for one in found),
        "lost": sum(one.lost for one in found),
        "doubled": sum(one.doubled for one in found),
    }


def last_line(figures: dict[str, int]) -> str:
    """The machine-readable end of the output."""
    return json.dumps(figures)
