"""What the picture of one list of steps shows: its ways, which of them go back, rows, and trails of steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from procedures.schema import BaseStep, EndStep, SignStep

JOIN = "join"
_GOOD_OUTCOMES = frozenset({"approved", "issued"})


@dataclass(frozen=True)
class Way:
    """A line from a step to another, with its words."""

    source: str
    target: str
    label: str = ""


def ways_out(step: BaseStep) -> list[Way]:
    """The ways out of a step in order, those to the same step as one line."""
    labels: dict[str, list[str]] = {}
    many = len(step.routes) > 1
    for route in step.routes:
        labels.setdefault(route.target, []).append(
            route.label or ("En otro caso" if many and not route.condition else "")
        )
    deadline = getattr(step, "deadline", None)
    if deadline and deadline.on_expire:
        labels.setdefault(deadline.on_expire, []).append("Si vence el plazo")
    if isinstance(step, SignStep) and step.on_return:
        labels.setdefault(step.on_return, []).append("Si se devuelve")
    return [Way(step.id, target, " / ".join(filter(None, words))) for target, words in labels.items()]


@dataclass(frozen=True)
class Strand:
    """The steps of one list (the top level, or one branch) as a graph."""

    steps: tuple[BaseStep, ...]
    has_join: bool

    @cached_property
    def ids(self) -> list[str]:
        """The steps in reading order, and in a branch the place where it ends."""
        return [*dict.fromkeys(step.id for step in self.steps), *([JOIN] if self.has_join else [])]

    @cached_property
    def ways(self) -> list[Way]:
        """Every line between steps of this list. Targets elsewhere, which the gate refuses, are left out."""
        known = set(self.ids)
        return [way for step in self.steps for way in ways_out(step) if way.target in known]

    @cached_property
    def _out(self) -> dict[str, list[str]]:
        out: dict[str, list[str]] = {name: [] for name in self.ids}
        for way in self.ways:
            out[way.source].append(way.target)
        return out

    @cached_property
    def _walk(self) -> tuple[list[str], frozenset[tuple[str, str]]]:
        """Depth first: the steps with every one before those it leads to, and the lines that go back."""
        finished: list[str] = []
        back: set[tuple[str, str]] = set()
        state: dict[str, str] = {}
        for root in self.ids:
            stack: list[tuple[str, Iterator[str]]] = []
            if root not in state:
                state[root] = "open"
                stack.append((root, iter(self._out[root])))
            while stack:
                node, targets = stack[-1]
                target = next(targets, None)
                if target is None:
                    state[node] = "done"
                    finished.append(node)
                    stack.pop()
                elif state.get(target) == "open":
                    back.add((node, target))
                elif target not in state:
                    state[target] = "open"
                    stack.append((target, iter(self._out[target])))
        return finished[::-1], frozenset(back)

    def goes_back(self, way: Way) -> bool:
        """Whether a line leads to a step that comes before."""
        return (way.source, way.target) in self._walk[1]

    @cached_property
    def onward(self) -> dict[str, list[str]]:
        """From each step, those that follow without going back."""
        back = self._walk[1]
        return {
            source: [target for target in targets if (source, target) not in back]
            for source, targets in self._out.items()
        }

    @cached_property
    def rows(self) -> dict[str, int]:
        """How far down each step stands: below all that lead to it. The end of a branch stands below everything."""
        rows = dict.fromkeys(self.ids, 0)
        for node in self._walk[0]:
            for target in self.onward[node]:
                rows[target] = max(rows[target], rows[node] + 1)
        if self.has_join:
            rows[JOIN] = max(rows.values()) + (len(rows) > 1 and rows[JOIN] < max(rows.values()))
        return rows

    @cached_property
    def _good(self) -> frozenset[str]:
        """The steps from which the case may still end well without going back."""
        ends = [step for step in self.steps if isinstance(step, EndStep)]
        goals = {end.id for end in ends if end.outcome in _GOOD_OUTCOMES} or {end.id for end in ends} | {JOIN}
        good = set(goals)
        for node in reversed(self._walk[0]):
            if good.intersection(self.onward[node]):
                good.add(node)
        return frozenset(good)

    def trail(self, first: str, placed: frozenset[str]) -> list[str]:
        """The steps from `first` on that are drawn one below the other, the way to a good end first."""
        found = [first]
        while True:
            targets = [target for target in self.onward[found[-1]] if target not in placed and target not in found]
            if not targets:
                return found
            found.append(min(targets, key=lambda target: (target not in self._good, self.rows[target])))
