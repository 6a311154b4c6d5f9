"""What all nodes share: where a step leads, and how its task row is born."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from viewflow.this_object import this
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge, Node
from viewflow.workflow.status import STATUS
from viewflow.workflow.token import Token

from procedures.api import ForEachStep
from workflows.models import NEVER, CaseTask
from workflows.nodes.joins import branch_at
from workflows.prepared import insert
from workflows.routing import Route, choose
from workflows.runtime import Run
from workflows.scopes import row_name, row_of
from workflows.titles import ROW

OPEN = (STATUS.NEW, STATUS.ASSIGNED, STATUS.STARTED, STATUS.SCHEDULED)
"""Statuses of a task that still waits for somebody or something."""
PAUSED = "PAUSED"
"""Status of an official's step that stands still, in no list, while its case is joined to an older one (art. 33)."""
LATE = "late"
"""Key of a task's data: it may still be done, and moves nothing."""


class StepActivation(Activation):  # type: ignore[misc]
    """A task in the hands of one command. `run` travels from activation to activation."""

    run: Run
    place = 0
    """The place of its task among those that the command touched."""

    def __hash__(self) -> int:
        """The kernel goes through sets of activations: so, a command takes one order, whatever ids its tasks have."""
        return self.place

    @classmethod
    def create(
        cls, flow_task: StepNode, prev_activation: StepActivation, token: Token, data: Any = None, seed: Any = None
    ) -> StepActivation:
        """Insert the task row, linked to the one before it, and let the node do what entering means."""
        activation = cls.born(flow_task, prev_activation.run, token)
        activation.link(prev_activation)
        flow_task.entered(activation)
        return activation

    @classmethod
    def born(cls, flow_task: StepNode, run: Run, token: Token, data: Any = None) -> StepActivation:
        """The activation over a newly inserted task row, with what the row keeps of its own."""
        task = flow_task.new_task(run, token)
        if data is not None:
            task.data = data
        task.last_day = task.due_on or run.case.due_on or NEVER
        insert(task)
        run.tasks.append(task)
        return cls._over(task, run)

    @classmethod
    def resume(cls, task: CaseTask, run: Run) -> StepActivation:
        """The activation over a stored task, under the case lock."""
        task.process = run.case
        resumed: StepActivation = task.flow_task.activation_class._over(task, run)
        return resumed

    @classmethod
    def _over(cls, task: CaseTask, run: Run) -> StepActivation:
        activation = cls(task)
        activation.run, activation.place = run, run.places.setdefault(task.pk, len(run.places))
        return activation

    def link(self, previous: StepActivation) -> None:
        """Remember which task led here: undo and the history read it. The rows are written when the command closes."""
        self.run.links.append((self.task.pk, previous.task.pk))

    @Activation.status.super()
    def activate(self) -> None:
        """Nothing: what entering means has happened in `entered`, once."""

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[StepActivation]:
        """Create the task of the chosen route."""
        route = self.chosen_route()
        if route is not None:
            yield route.target._create(self, self.task.token)

    def chosen_route(self) -> Route | None:
        """The route that the case takes from here; raises RoutingError when none holds."""
        return choose(self.flow_task.routes, self.run, self.task)

    @Activation.status.transition(source=(*OPEN, PAUSED), target=STATUS.CANCELED)
    def cancel(self) -> None:
        """Close the task without its outcome."""
        self.task.finished = self.run.now
        self.task.save(update_fields=["status", "finished"])


class StepNode(Node):  # type: ignore[misc]
    """A node compiled from a step of the bundle."""

    activation_class = StepActivation
    born_status = STATUS.NEW
    for_applicant = False
    loop: ForEachStep | None = None
    """The block that repeats around this step, and how many blocks stand around that one."""
    loop_depth = 0

    def __init__(self, *, step_id: str, step_kind: str, title: str, routes: list[Route], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step_id, self.step_kind, self.routes = step_id, step_kind, routes
        self.task_title = title

    def _resolve(self, instance: Any) -> None:
        super()._resolve(instance)
        self.routes = [route.resolved(this.resolve(instance, route.target)) for route in self.routes]

    def _outgoing(self) -> Iterator[Edge]:
        for route in self.routes:
            yield Edge(src=self, dst=route.target, edge_class="cond_true" if route.when else "next", label=route.label)

    def new_task(self, run: Run, token: Token) -> CaseTask:
        """The row of this step, not saved yet."""
        done = self.born_status == STATUS.DONE
        row = branch_at(str(token), self.loop_depth) if self.loop else 1
        return CaseTask(
            process=run.case,
            flow_task=self,
            flow_task_type=self.task_type,
            token=token,
            status=self.born_status,
            agency_id=run.case.agency_id,
            step_id=self.step_id,
            step_kind=self.step_kind,
            step_title=self._title(run, row)[:200],
            occurrence=row,
            for_applicant=self.for_applicant,
            created=run.now,
            filed_at=run.case.filed_at,
            started=run.now if done else None,
            finished=run.now if done else None,
        )

    def _title(self, run: Run, row: int) -> str:
        if self.loop is None:
            return str(self.task_title)
        name = row_name(run.bundle, self.loop, row_of(run.case, self.loop, row), row)
        return f"{self.task_title}{ROW}{name}"

    def entered(self, activation: StepActivation) -> None:
        """What arriving at this step means. Subclasses of the step kinds fill it."""
