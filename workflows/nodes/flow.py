"""Nodes that shape the path: start, parallel split and join, end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge
from viewflow.workflow.status import PROCESS, STATUS
from viewflow.workflow.token import Token

from workflows.errors import RoutingError
from workflows.models import CaseTask, Incident
from workflows.nodes.base import OPEN, StepActivation, StepNode
from workflows.routing import Route
from workflows.runtime import Run


class StartNode(StepNode):
    """The first step: the filing itself, already done when the case is born."""

    task_type = "START"
    bpmn_element = "startEvent"
    born_status = STATUS.DONE

    def begin(self, run: Run) -> StepActivation:
        """Insert the start task of a new case."""
        activation = self.activation_class.born(self, run, Token("start"))
        activation.task.finished_by = run.by
        return activation


class SplitActivation(StepActivation):
    """Opens every branch at once, each with its own token."""

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[StepActivation]:
        """Create the first task of each branch."""
        tokens = Token.split_token_source(self.task.token, self.task.pk)
        for route in self.flow_task.routes:
            yield route.target._create(self, next(tokens))


class SplitNode(StepNode):
    """A parallel block opens: a row born done whose key names the tokens of its branches."""

    activation_class = SplitActivation
    task_type = "PARALLEL_GATEWAY"
    bpmn_element = "parallelGateway"
    born_status = STATUS.DONE


class JoinActivation(StepActivation):
    """Waits until no task of the block is open. One row per block and round."""

    type = "join"

    @classmethod
    def create(
        cls, flow_task: StepNode, prev_activation: StepActivation, token: Token, data: Any = None, seed: Any = None
    ) -> StepActivation:
        """Find the waiting row of this round, or insert it. One look at the locked case serves this and `is_done`."""
        run = prev_activation.run
        still_open = list(CaseTask.objects.filter(process=run.case, status__in=OPEN))
        waiting = next((task for task in still_open if task.flow_task == flow_task), None)
        base = token.get_base_split_token()
        activation = cls.born(flow_task, run, base) if waiting is None else cls.resume(waiting, run)
        activation.link(prev_activation)
        block = token.token.rsplit("_", 1)[0] + "_"
        activation.all_ended = not any(task.token.token.startswith(block) for task in still_open)
        return activation

    all_ended = False

    def is_done(self) -> bool:
        """Whether every branch of the block has ended."""
        return self.all_ended

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE, conditions=[is_done])
    def complete(self) -> None:
        """Close the row; the case goes on after the block."""
        self.task.finished = self.run.now
        self.task.save(update_fields=["status", "finished"])


class JoinNode(StepNode):
    """The branches of a parallel block meet."""

    activation_class = JoinActivation
    task_type = "JOIN"
    bpmn_element = "parallelGateway"
    born_status = STATUS.STARTED


class EndNode(StepNode):
    """The case ends. Reached only behind a signed or sealed act: the publish gate sees to it (R16)."""

    task_type = "END"
    bpmn_element = "endEvent"
    born_status = STATUS.DONE

    def __init__(self, *, outcome: str, on_end: Any, **kwargs: Any) -> None:
        super().__init__(routes=[], **kwargs)
        self.outcome, self.on_end = outcome, on_end

    def _outgoing(self) -> Iterator[Edge]:
        return iter([])

    def entered(self, activation: StepActivation) -> None:
        """Close the case; raises RoutingError when a task would be left behind."""
        run = activation.run
        if CaseTask.objects.filter(process=run.case, status__in=OPEN).exists():
            raise RoutingError(
                Incident.Kind.NO_BRANCH, self.step_id, _("La solicitud llegó al final con pasos todavía abiertos.")
            )
        run.case.status, run.case.finished, run.case.outcome = PROCESS.DONE, run.now, self.outcome
        run.touch("status", "finished", "outcome")
        self.on_end(run)


def target_name(step_id: str) -> str:
    """Attribute name of a step's node: prefixed, so that a step called "cancel" cannot shadow Flow's own."""
    return f"n_{step_id}"


__all__ = ["EndNode", "JoinNode", "Route", "SplitNode", "StartNode", "target_name"]
