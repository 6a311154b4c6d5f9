"""A block goes on without the branches that nothing asks to wait for any more (Ley 19.880 art. 38)."""

from __future__ import annotations

from collections.abc import Iterator

from procedures.api import ParallelStep
from workflows.commands.locking import hold
from workflows.errors import RoutingError
from workflows.nodes.base import StepActivation
from workflows.nodes.flow import WAITING_JOINS, waiting_join
from workflows.runtime import Run


def look_at_joins(run: Run, failure: RoutingError | None = None) -> None:
    """Let each block go on that waited for time which ended, by itself or with its step; the innermost first.

    With `failure`, which says why the case cannot move, the first of them is held there.
    """
    if not any(isinstance(step, ParallelStep) and step.join == "all_required" for step in run.bundle.all_steps()):
        return
    while (ready := next(_ready(run), None)) is not None:
        ready.complete()
        if failure is not None:
            hold(run, ready.task, failure)
            return
        ready.activate_next()


def _ready(run: Run) -> Iterator[StepActivation]:
    if run.case.finished is not None:
        return
    splits = sorted(WAITING_JOINS.rows(run.case.pk), key=lambda row: (-str(row.token).count("/"), row.pk))
    for split in [str(row.data["split"]) for row in splits]:
        task = waiting_join(run, split)
        if task is None:
            continue
        activation = StepActivation.resume(task, run)
        if activation.flow_task.rule.looks_at_clocks and activation.is_done():
            yield activation
