"""Nodes that shape the path: start, parallel split and join, end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from viewflow.this_object import this
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge
from viewflow.workflow.status import PROCESS, STATUS
from viewflow.workflow.token import Token

from workflows.errors import RoutingError
from workflows.models import CaseTask, Deadline, Incident
from workflows.nodes.base import LATE, OPEN, StepActivation, StepNode
from workflows.nodes.joins import JoinRule, block_of
from workflows.prepared import PreparedRead, update
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


class RowsSplitActivation(SplitActivation):
    """Opens a branch for each row; without rows the case goes straight on."""

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[StepActivation]:
        """Create the first task of each row."""
        tokens = Token.split_token_source(self.task.token, self.task.pk)
        rows = int(self.task.data["branches"])
        for _row in range(rows):
            yield self.flow_task.first._create(self, next(tokens))
        route = None if rows else self.chosen_route()
        if route is not None:
            yield route.target._create(self, self.task.token)


class RowsSplitNode(SplitNode):
    """A block that repeats opens; its row says how many branches it has."""

    activation_class = RowsSplitActivation

    def __init__(self, *, do: Any, first: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.do, self.first = do, first

    def _resolve(self, instance: Any) -> None:
        super()._resolve(instance)
        self.first = this.resolve(instance, self.first)

    def _outgoing(self) -> Iterator[Edge]:
        yield Edge(src=self, dst=self.first, edge_class="next")
        yield from super()._outgoing()

    def entered(self, activation: StepActivation) -> None:
        """Note the rows as they are now."""
        activation.task.data = {"branches": self.do(activation)}
        activation.task.save(update_fields=["data"])


class JoinActivation(StepActivation):
    """Waits until enough branches of its block have ended. One row per block and round; `data` says which arrived."""

    type = "join"

    @classmethod
    def create(
        cls, flow_task: StepNode, prev_activation: StepActivation, token: Token, data: Any = None, seed: Any = None
    ) -> StepActivation:
        """Note that a branch arrived, on the row of this round; the first to arrive inserts it."""
        run = prev_activation.run
        split, branch = block_of(token.token)
        task = waiting_join(run, split)
        if task is None:
            first = {"split": split, "arrived": [branch]}
            activation = cls.born(flow_task, run, token.get_base_split_token(), first)
            run.joins[split] = activation.task
        else:
            task.data = {"split": split, "arrived": sorted({*task.data["arrived"], branch})}
            activation = cls.resume(task, run)
            if not activation.is_done():
                task.save(update_fields=["data"])
        activation.link(prev_activation)
        return activation

    def is_done(self) -> bool:
        """Whether the case may go on."""
        rule: JoinRule = self.flow_task.rule
        arrived = set(self.task.data["arrived"])
        awaited = self._awaited() if rule.looks_at_clocks else set()
        return rule.is_met(arrived, self.flow_task.total(self.task.data["split"]), awaited)

    def _awaited(self) -> set[int]:
        """The branches that still have time: a clock of an open task, no late report, has not run out."""
        over = [Deadline.State.MET, Deadline.State.EXPIRED]
        timed = set(Deadline.objects.filter(case=self.run.case).exclude(state__in=over).values_list("task", flat=True))
        mine = f"/{self.task.data['split']}_"
        tokens = [str(task.token) for task in self._left_open() if task.pk in timed and LATE not in task.data]
        return {int(token.split(mine)[1].split("/")[0]) for token in tokens}

    def _left_open(self) -> list[CaseTask]:
        prefix = self._prefix()
        still_open = CaseTask.objects.filter(process=self.run.case, status__in=OPEN).order_by("pk")
        return [task for task in still_open if str(task.token).startswith(prefix)]

    def _prefix(self) -> str:
        return f"{self.task.token}/{self.task.data['split']}_"

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE, conditions=[is_done])
    def complete(self) -> None:
        """Close the row and what the block left open; the case goes on after the block."""
        self.task.finished = self.run.now
        update(self.task, ("status", "finished", "data"))
        if len(self.task.data["arrived"]) < self.flow_task.total(self.task.data["split"]):
            self.flow_task.on_leftover(self.run, self._left_open(), self._prefix())


WAITING_JOINS = PreparedRead(
    1,
    lambda case: CaseTask.objects.filter(process_id=case, flow_task_type=JoinNode.task_type, status=STATUS.STARTED),
)


def waiting_join(run: Run, split: str) -> CaseTask | None:
    """The row at which the branches born at `split` meet, while it waits."""
    if split not in run.joins:
        found = next((row for row in WAITING_JOINS.rows(run.case.pk) if row.data.get("split") == split), None)
        if found is None:
            return None
        run.joins[split] = found
    return run.joins[split]


class JoinNode(StepNode):
    """The branches of a block meet."""

    activation_class = JoinActivation
    task_type = "JOIN"
    bpmn_element = "parallelGateway"
    born_status = STATUS.STARTED

    def __init__(self, *, rule: JoinRule, branches: int, on_leftover: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rule, self.branches, self.on_leftover = rule, branches, on_leftover

    def total(self, split: str) -> int:
        """How many branches were opened at `split`; those of rows are written on its row."""
        return self.branches or int(CaseTask.objects.defer("flow_task").get(pk=split).data["branches"])


LEFT_OPEN = PreparedRead(1, lambda case: CaseTask.objects.only("pk").filter(process_id=case, status__in=OPEN)[:1])


class EndNode(StepNode):
    """The case ends. Reached only behind a signed or sealed act: the publish gate sees to it (R16)."""

    task_type = "END"
    bpmn_element = "endEvent"
    born_status = STATUS.DONE

    def __init__(self, *, outcome: str, on_late: Any, on_end: Any, **kwargs: Any) -> None:
        super().__init__(routes=[], **kwargs)
        self.outcome, self.on_late, self.on_end = outcome, on_late, on_end

    def _outgoing(self) -> Iterator[Edge]:
        return iter([])

    def entered(self, activation: StepActivation) -> None:
        """Close the case, and the late reports nobody sent; raises RoutingError when a task would be left behind."""
        run = activation.run
        self._leave_nothing_open(run)
        run.case.status, run.case.finished, run.case.outcome = PROCESS.DONE, run.now, self.outcome
        run.touch("status", "finished", "outcome")
        self.on_end(run)

    def _leave_nothing_open(self, run: Run) -> None:
        if not LEFT_OPEN.rows(run.case.pk):
            return
        self.on_late(run)
        if LEFT_OPEN.rows(run.case.pk):
            raise RoutingError(
                Incident.Kind.NO_BRANCH,
                self.step_id,
                _("La solicitud llegó al final con pasos todavía abiertos. Termínalos e inténtalo de nuevo."),
            )


def target_name(step_id: str) -> str:
    """Attribute name of a step's node: prefixed, so that a step called "cancel" cannot shadow Flow's own."""
    return f"n_{step_id}"


__all__ = ["EndNode", "JoinNode", "Route", "SplitNode", "StartNode", "target_name"]
