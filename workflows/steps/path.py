"""Step kinds that shape the path: start, parallel, end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from procedures.api import Bundle
from workflows import exemptions, joinders, reviewing
from workflows.closing import close_case
from workflows.models import CaseTask
from workflows.nodes import EndNode, JoinNode, SplitNode, StartNode, StepNode
from workflows.nodes.base import OPEN
from workflows.nodes.joins import JoinRule
from workflows.runtime import Run
from workflows.steps import law, leftovers
from workflows.steps.linked import tell_parent
from workflows.steps.registry import Facet
from workflows.steps.waiting import awaits_events, leave_early_reports

if TYPE_CHECKING:
    from workflows.compiler import Routes


class StartFacet(Facet):
    kind = "start"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        yield (
            self.entry(step),
            StartNode(step_id=step.id, step_kind=step.kind, title=step.title, routes=routes.of(step)),
        )


class ParallelFacet(Facet):
    kind = "parallel"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        common = {"step_id": step.id, "step_kind": step.kind, "title": step.title}
        yield self.entry(step), SplitNode(routes=[routes.to(branch[0].id) for branch in step.branches], **common)
        join = JoinNode(
            rule=_rule(step),
            branches=len(step.branches),
            on_leftover=partial(leave, step.leftover == "accept"),
            routes=routes.of(step),
            **common,
        )
        yield f"{self.entry(step)}__join", join

    def branches(self, step: Any) -> list[list[Any]]:
        return [list(branch) for branch in step.branches]


class EndFacet(Facet):
    kind = "end"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        yield (
            self.entry(step),
            EndNode(
                step_id=step.id,
                step_kind=step.kind,
                title=step.title,
                outcome=step.outcome,
                on_late=_drop_late,
                on_end=partial(_end, awaits_events(bundle)),
            ),
        )


def end(run: Run) -> None:
    """What follows from the end of a case: by a step of its own, or because an appeal left nothing to do (art. 59)."""
    _end(awaits_events(run.bundle), run)


def _end(awaits: bool, run: Run) -> None:
    close_case(run)
    exemptions.settle(run)
    reviewing.resume_acts(run)
    tell_parent(run)
    joinders.case_ended(run)
    if awaits:
        leave_early_reports(run)


def _rule(step: Any) -> JoinRule:
    firsts = [branch[0].id for branch in step.branches]
    required = frozenset(number for number, first in enumerate(firsts, start=1) if first in step.required)
    return JoinRule(kind=step.join, n=step.n or 0, required=required)


def leave(keeps_late: bool, run: Run, tasks: list[CaseTask], prefix: str) -> None:
    """What a block does with the branches that the case does not wait for."""
    leftovers.settle(run, tasks, keeps_late=keeps_late)
    leftovers.close_incidents(run, prefix)


def _drop_late(run: Run) -> None:
    law.drop_pending(run)
    if not any(getattr(step, "leftover", "") == "accept" for step in run.bundle.all_steps()):
        return
    for task in CaseTask.objects.filter(process=run.case, status__in=OPEN):
        if leftovers.is_late(task):
            leftovers.drop(run, task, "ended")
