"""Nodes at which something is done: by a person, by the engine at once, or by a job that reports back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from viewflow.this_object import this
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge
from viewflow.workflow.status import STATUS
from viewflow.workflow.token import Token

from accounts.models import User
from procedures.api import RoleWhen, RuleError, evaluate
from workflows import deadlines, ordering, turns
from workflows.errors import RoutingError
from workflows.models import CaseTask, Incident
from workflows.nodes.base import StepActivation, StepNode
from workflows.prepared import update
from workflows.routing import Route
from workflows.runtime import Run
from workflows.scopes import data_for


class HumanActivation(StepActivation):
    """NEW (nobody has it) → ASSIGNED → STARTED (an effect is under way) → DONE."""

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.ASSIGNED)
    def assign(self, user: User) -> None:
        """Give the task to one person."""
        self.task.owner, self.task.assigned = user, self.run.now
        self.task.save(update_fields=["status", "owner", "assigned"])

    @Activation.status.transition(source=STATUS.ASSIGNED, target=STATUS.NEW)
    def unassign(self) -> None:
        """Put the task back where the others see it."""
        self.task.owner = self.task.assigned = None
        self.task.save(update_fields=["status", "owner", "assigned"])

    @Activation.status.transition(source=STATUS.ASSIGNED, target=STATUS.STARTED)
    def start(self) -> None:
        """The person has decided; an effect (a signature) must succeed before the step is done."""
        self.task.started = self.run.now
        self.task.save(update_fields=["status", "started", "data"])

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.ASSIGNED)
    def take_back(self) -> None:
        """The effect failed: the task is the person's again."""
        self.task.save(update_fields=["status", "data"])

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        """Mark the task done by the person of this command."""
        self.task.finished = self.run.now
        self.task.started = self.task.started or self.run.now
        if self.run.by is not None:
            self.task.finished_by = self.run.by
        update(self.task, ("status", "started", "finished", "finished_by", "data"))

    def done_by_hand(self) -> None:
        """ASSIGNED → DONE in one row update, for steps without an effect."""
        self.task.status = STATUS.STARTED
        self.complete()


def responsible(task: CaseTask, slot: str | None, run: Run) -> CaseTask:
    """The same row, with the agency's role behind a slot; raises RoutingError where none is bound."""
    if slot is not None:
        role = run.role(slot)
        if role is None:
            detail = _("La institución no asignó a nadie el rol «%(role)s».") % {"role": slot}
            raise RoutingError(Incident.Kind.NO_RESPONSIBLE, task.step_id, detail)
        task.role, task.unit_id = role, role.unit_id
        if run.has_order(slot):
            ordering.place(run, task)
    return task


class HumanNode(StepNode):
    """A step that a person does. `role` is the slot that names who; None for the applicant."""

    activation_class = HumanActivation
    task_type = "HUMAN"
    bpmn_element = "userTask"

    def __init__(
        self,
        *,
        role: str | None,
        deadline: Any,
        expiry: Route | None,
        on_enter: Callable[[StepActivation], None],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.role, self.deadline, self.expiry, self.on_enter = role, deadline, expiry, on_enter
        self.for_applicant = role is None
        self.role_when: tuple[RoleWhen, ...] = ()
        """Rules that give it to another role."""
        self.in_turn = False
        """Whether it is handed to somebody on arrival, instead of waiting for whoever takes it."""

    def _resolve(self, instance: Any) -> None:
        super()._resolve(instance)
        if self.expiry is not None:
            self.expiry = self.expiry.resolved(this.resolve(instance, self.expiry.target))

    def _outgoing(self) -> Iterator[Edge]:
        yield from super()._outgoing()
        if self.expiry is not None:
            yield Edge(src=self, dst=self.expiry.target, edge_class="cond_false", label=self.expiry.label)

    def new_task(self, run: Run, token: Token) -> CaseTask:
        """The row with who must act; raises RoutingError where the agency binds nobody to the role."""
        task = super().new_task(run, token)
        responsible(task, self.slot(run, task) if self.role_when else self.role, run)
        task.due_on = deadlines.due_on_entering(run, self.deadline, for_applicant=self.for_applicant)
        return task

    def slot(self, run: Run, task: CaseTask) -> str | None:
        """The role slot of who does it in this case: of the first rule that holds. Raises RoutingError."""
        try:
            data = data_for(run.case, task) if self.role_when else {}
            return next((one.role for one in self.role_when if evaluate(one.when, data, run.bundle)), self.role)
        except RuleError as error:
            raise RoutingError(Incident.Kind.RULE, task.step_id, str(error)) from error

    def entered(self, activation: StepActivation) -> None:
        """Whatever the step kind does on arrival: start clocks, tell somebody, prepare a document."""
        self.on_enter(activation)
        if self.in_turn:
            activation.run.last.append(lambda: turns.hand_out(activation))


class AutomaticNode(StepNode):
    """A step that the engine does at once, inside the transaction: no effect outside the database."""

    task_type = "FUNC"
    bpmn_element = "serviceTask"
    born_status = STATUS.DONE

    def __init__(self, *, do: Callable[[StepActivation], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.do = do

    def entered(self, activation: StepActivation) -> None:
        """Do it."""
        self.do(activation)


class WaitingActivation(StepActivation):
    """SCHEDULED until a job reports back."""

    @Activation.status.transition(source=STATUS.SCHEDULED, target=STATUS.DONE)
    def finish(self) -> None:
        """Close the row; the caller then calls activate_next."""
        self.task.finished = self.run.now
        self.task.save(update_fields=["status", "finished", "data"])


class WaitingNode(AutomaticNode):
    """A step done by a job: the row waits as SCHEDULED, the job row carries the retries."""

    activation_class = WaitingActivation
    task_type = "JOB"
    born_status = STATUS.SCHEDULED

    def __init__(self, *, role: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.role = role

    def new_task(self, run: Run, token: Token) -> CaseTask:
        """The row, with the role of whoever may say that it happened."""
        return responsible(super().new_task(run, token), self.role, run)
