"""A block goes on without its optional branches once their time is over (Ley 19.880 art. 38)."""

from __future__ import annotations

from workflows.commands.locking import hold
from workflows.errors import RoutingError
from workflows.nodes.base import StepActivation
from workflows.nodes.flow import waiting_join
from workflows.nodes.joins import enclosing_splits
from workflows.runtime import Run


def look_at_joins(run: Run, token: str, failure: RoutingError | None) -> None:
    """Let each block around `token` go on if nothing that it must wait for is left, the innermost first."""
    for split in enclosing_splits(token):
        task = waiting_join(run, split)
        if task is None:
            continue
        activation = StepActivation.resume(task, run)
        if not activation.flow_task.rule.looks_at_clocks or not activation.is_done():
            continue
        activation.complete()
        if failure is None:
            activation.activate_next()
        else:
            hold(run, task, failure)
        return
