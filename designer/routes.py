"""Every route through a procedure under construction: what each person is asked, and where each case goes after.

The routes of the application are walked with the rules that decide in production: at every question that decides
something, each of its answers in turn. Texts and numbers are tried on both sides of what they are compared with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from designer.causes import Causes, conditions_inside
from procedures.api import (
    FACETS,
    Bundle,
    Condition,
    Field,
    Route,
    RuleError,
    asked_pages,
    evaluate,
    kind_of,
    paths_in,
    rows_of,
    walk,
)

MOST_ROUTES = 40
"""Routes that one page tells of a detour, or of the steps; a procedure with more says so."""
MOST_DETOURS = 40
_MOST_TRIES = 600
_MOST_STEPS = 4000
MINUTES_PER_QUESTION = 0.6
Answers = dict[str, Any]


@dataclass
class FormRoute:
    """Questions that are asked one after the other, and the answers that lead to them."""

    asked: tuple[str, ...]
    exit_title: str = ""
    """The way out of the form that ends it; empty when the application can be filed."""
    answers: list[Answers] = field(default_factory=list)
    """Each combination of deciding answers that is asked just this."""


@dataclass(frozen=True)
class FlowRoute:
    """Steps that a case takes after the start, up to an end."""

    steps: tuple[str, ...]
    words: tuple[str, ...]
    """What was decided on the way, where the flow says it."""
    deadlines: tuple[tuple[str, int], ...]
    """The terms of its steps by unit; of steps in parallel, the longest branch."""


@dataclass(frozen=True)
class Found:
    """The routes that were found, and whether there are more than are told."""

    routes: list[Any]
    is_cut: bool


@dataclass(frozen=True)
class Detour:
    """Questions whose answers decide together, and the routes that they lead to, of what is not always asked."""

    deciding: tuple[str, ...]
    routes: list[FormRoute]


@dataclass(frozen=True)
class Journey:
    """The ways through an application: what everybody is asked, and what some answers add, each cause apart.

    Three questions that each open another one make three detours; as whole routes they would be eight.
    """

    always: tuple[str, ...]
    detours: list[Detour]
    is_cut: bool


def minutes(questions: int) -> int:
    """How long so many questions take to answer, about."""
    return max(1, round(questions * MINUTES_PER_QUESTION))


def deciding(bundle: Bundle) -> list[Field]:
    """The questions of the application on whose answers something in it depends, in order."""
    start = _start(bundle)
    if start is None:
        return []
    used = {path for condition in conditions_inside(bundle.form_of(start)) for path in paths_in(condition, bundle)}
    return [question for question in bundle.fields_of(start) if f"{start}.{question.id}" in used]


def form_journey(bundle: Bundle) -> Journey:
    """The ways through the application. In each detour, those who answer the first option come first."""
    start = _start(bundle)
    form = bundle.form_of(start) if start else None
    if start is None or form is None:
        return Journey((), [], is_cut=False)
    causes = Causes.of(bundle, start, form)
    always = tuple(each.id for each in form.fields if each.is_question and not causes.of_question[each.id])
    detours: list[Detour] = []
    budget = _MOST_TRIES
    for members in causes.together():
        if len(detours) == MOST_DETOURS or budget <= 0:
            return Journey(always, detours, is_cut=True)
        walker = _Walker(causes.reduced_to(members), start, budget)
        found = _by_shape(walker, frozenset(always))
        budget = walker.tries
        if len(found.routes) > 1:
            detours.append(Detour(members, found.routes))
        if found.is_cut:
            return Journey(always, detours, is_cut=True)
    return Journey(always, detours, is_cut=False)


def _by_shape(walker: _Walker, always: frozenset[str]) -> Found:
    """The routes that differ in what they ask besides what is always asked, each with every answer that leads to it."""
    found: dict[tuple[tuple[str, ...], str], FormRoute] = {}
    for route in walker.walk({}, frozenset()):
        added = tuple(name for name in route.asked if name not in always)
        present = found.setdefault((added, route.exit_title), FormRoute(added, route.exit_title))
        present.answers += route.answers
        if len(found) > MOST_ROUTES:
            break
    return Found(list(found.values())[:MOST_ROUTES], is_cut=len(found) > MOST_ROUTES or walker.tries <= 0)


class _Walker:
    """Answers one deciding question after the other."""

    def __init__(self, bundle: Bundle, start: str, tries: int) -> None:
        self._bundle, self._start, self.tries = bundle, start, tries
        self._deciding = {question.id: _answers_of(bundle, start, question) for question in deciding(bundle)}

    def walk(self, answers: Answers, settled: frozenset[str]) -> Iterator[FormRoute]:
        """The routes on which these answers were given."""
        self.tries -= 1
        if self.tries < 0:
            return
        asked, exit_title = self._asked(answers)
        following = next((name for name in asked if name in self._deciding and name not in settled), None)
        if following is None:
            known = {name: value for name, value in answers.items() if name in asked and value is not None}
            yield FormRoute(asked, exit_title, [known])
            return
        for value in self._deciding[following]:
            yield from self.walk({**answers, following: value}, settled | {following})

    def _asked(self, answers: Answers) -> tuple[tuple[str, ...], str]:
        given = {name: value for name, value in answers.items() if value is not None}
        scope = {self._start: given}
        names: list[str] = []
        for page in asked_pages(self._bundle, self._start, scope)[0]:
            names += [question.id for question in page.fields if question.is_question]
            for way in page.page.exits:
                if _holds(way.when, scope, self._bundle):
                    return tuple(names), way.title
        return tuple(names), ""


def flow_routes(bundle: Bundle) -> Found:
    """The ways from the start to each end, none of them twice through the same step."""
    steps = {step.id: step for step in bundle.steps}
    start = _start(bundle)
    found: list[FlowRoute] = []
    budget = [_MOST_STEPS]
    if start is not None:
        for taken, words in _to_the_end(steps, start, (start,), (), budget):
            found.append(FlowRoute(taken, words, _deadlines([steps[name] for name in taken])))
            if len(found) > MOST_ROUTES:
                break
    return Found(found[:MOST_ROUTES], is_cut=len(found) > MOST_ROUTES or budget[0] <= 0)


def _to_the_end(
    steps: dict[str, Any], here: str, taken: tuple[str, ...], words: tuple[str, ...], budget: list[int]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Depth first and without recursion, as a long procedure has hundreds of steps in a row."""
    waiting = [(here, taken, words)]
    while waiting and budget[0] > 0:
        name, path, said = waiting.pop()
        budget[0] -= 1
        step = steps[name]
        if step.kind == "end":
            yield path, said
            continue
        several = len(step.routes) > 1
        onward = [*step.routes, *(Route(target=target) for target in step.side_targets)]
        for route in reversed(onward):
            if route.target in steps and route.target not in path:
                waiting.append((route.target, (*path, route.target), (*said, route.label) if several else said))


def _deadlines(steps: list[Any]) -> tuple[tuple[str, int], ...]:
    total: dict[str, int] = {}
    for step in steps:
        branches = [_sum(list(walk(branch))) for branch in step.inner]
        for unit in {unit for branch in branches for unit in branch}:
            total[unit] = total.get(unit, 0) + max(branch.get(unit, 0) for branch in branches)
        for unit, amount in _sum([step]).items():
            total[unit] = total.get(unit, 0) + amount
    return tuple(total.items())


def _sum(steps: list[Any]) -> dict[str, int]:
    total: dict[str, int] = {}
    for step in steps:
        term = getattr(step, "deadline", None)
        if term is not None:
            total[term.unit] = total.get(term.unit, 0) + term.amount
    return total


def _start(bundle: Bundle) -> str | None:
    forms = {form.id for form in bundle.forms}
    return next((step.id for step in bundle.steps if step.kind == "start" and getattr(step, "form", "") in forms), None)


def _answers_of(bundle: Bundle, start: str, question: Field) -> list[Any]:
    """The answers with which a question is tried; None for leaving it blank."""
    blank = [] if question.required and question.required_when is None else [None]
    if question.type in ("yes_no", "declaration", "consent"):
        return [True, False] if question.type == "yes_no" else [True]
    if question.type in ("choice", "linked"):
        return [option.id for option in question.options] + blank
    if question.type == "choices":
        return [[option.id] for option in question.options] + blank
    compared = [value for value in _compared(bundle, f"{start}.{question.id}") if not isinstance(value, bool)]
    around: list[Any] = []
    for value in compared:
        around += [value - 1, value, value + 1] if isinstance(value, int) else [value]
    kept = [value for value in dict.fromkeys(around) if not isinstance(value, int) or value >= 0]
    is_written = FACETS[question.type].shape == "decimal"
    return ([str(value) if is_written else value for value in kept] or [kind_of(question).sample(question)]) + blank


def _compared(bundle: Bundle, path: str) -> Iterator[Any]:
    """The values with which the application compares a datum."""
    for condition in conditions_inside(bundle.form_of(path.partition(".")[0])):
        if hasattr(condition, "cel"):
            continue
        for row in rows_of(condition):
            if row.field == path and row.value is not None:
                yield from row.value if isinstance(row.value, tuple) else (row.value,)


def _holds(condition: Condition, scope: dict[str, Answers], bundle: Bundle) -> bool:
    try:
        return evaluate(condition, scope, bundle)
    except RuleError:
        return False
