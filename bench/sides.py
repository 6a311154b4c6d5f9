"""Compares ways to do the same thing by taking turns, so that a noisy machine disturbs all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Side = Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """Milliseconds per repetition of one side."""

    name: str
    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle sample, in ms."""
        return statistics.median(self.samples)

    @property
    def p95(self) -> float:
        """The 95th percentile, in ms (the longest of fewer than twenty)."""
        return sorted(self.samples)[min(len(self.samples) - 1, int(len(self.samples) * 0.95))]


def alternate(
    sides: Mapping[str, Side], *, rounds: int, warm_up: int = 1, clock: Callable[[], float] = time.perf_counter
) -> dict[str, Timing]:
    """Run each side once per round, in an order that turns by one; the first `warm_up` rounds are dropped.

    With `time.process_time` as the clock only this process counts, however busy the machine is.
    """
    samples: dict[str, list[float]] = {name: [] for name in sides}
    order = list(sides)
    for turn in range(warm_up + rounds):
        for name in order:
            started = clock()
            sides[name]()
            if turn >= warm_up:
                samples[name].append((clock() - started) * 1000)
        order.append(order.pop(0))
    return {name: Timing(name, tuple(values)) for name, values in samples.items()}


def table(timings: Mapping[str, Timing], base: str) -> str:
    """A line per side: median, 95th percentile and the ratio of its median to that of `base`."""
    lines = [f"{'':<28}{'mediana ms':>12}{'p95 ms':>12}{'razón':>9}"]
    lines += [
        f"{timing.name:<28}{timing.median:>12.2f}{timing.p95:>12.2f}{timing.median / timings[base].median:>9.2f}"
        for timing in timings.values()
    ]
    return "\n".join(lines)


def figures(timings: Mapping[str, Timing]) -> dict[str, dict[str, float]]:
    """The same numbers for the stored result."""
    return {
        name: {"median_ms": round(timing.median, 3), "p95_ms": round(timing.p95, 3), "rounds": len(timing.samples)}
        for name, timing in timings.items()
    }
