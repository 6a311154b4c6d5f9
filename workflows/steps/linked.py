"""Step kinds subcase and referral: another case is opened by a job; a subcase is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from viewflow.workflow.status import STATUS

from accounts.models import Agency
from jobs.api import enqueue
from procedures.api import Bundle
from workflows import exchanges
from workflows.models import Case, CaseLink, CaseTask, Deadline
from workflows.nodes import StepActivation, StepNode, WaitingNode
from workflows.prepared import PreparedRead
from workflows.runtime import Run
from workflows.steps.facts import AutomaticFacet
from workflows.steps.registry import Facet

if TYPE_CHECKING:
    from workflows.compiler import Routes

OPEN_CASE = "workflows.open_linked"
"""Job kind: open the case of a link."""
PLATFORM = "Plataforma de trámites"
"""By what a case reaches another body of the same installation."""
CHILD_ENDED = "workflows.subcase_ended"
"""Job kind: a subcase has ended; its parent goes on."""
CHILD_LATE = "workflows.linked_late"
"""Job kind: the time to decide a linked case has passed; the officials of the case that opened it are told."""
WAITING_PARENT = PreparedRead(
    1, lambda child: CaseLink.objects.filter(child=child, kind=CaseLink.Kind.SUBCASE).order_by("pk")[:1]
)


class SubcaseFacet(Facet):
    kind = "subcase"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        node = WaitingNode(
            step_id=step.id, step_kind=step.kind, title=step.title, do=_open_subcase, routes=routes.of(step)
        )
        yield self.entry(step), node


class ReferralFacet(AutomaticFacet):
    kind = "referral"

    def do(self, step: Any, activation: StepActivation) -> None:
        _link(activation, CaseLink.Kind.REFERRAL)
        activation.run.record("case.referred", {"step": step.id, "agency": step.agency})


def _open_subcase(activation: StepActivation) -> None:
    _link(activation, CaseLink.Kind.SUBCASE)


def _link(activation: StepActivation, kind: str) -> None:
    run, task = activation.run, activation.task
    _record_exchange(run, task, kind)
    link = CaseLink.objects.create(
        parent=run.case, agency_id=run.case.agency_id, task=task, kind=kind, created_at=run.now
    )
    enqueue(
        kind=OPEN_CASE,
        payload={"link": link.pk},
        now=run.now,
        agency_id=run.case.agency_id,
        case_id=run.case.pk,
        on_dead="workflows.effect_failed",
    )


def _record_exchange(run: Run, task: CaseTask, kind: str) -> None:
    """A case that another body resolves is a communication with it (Ley 19.880 art. 9; R61)."""
    step: Any = run.bundle.step(task.step_id)
    if not step.agency or step.agency == run.agency.code:
        return
    body = Agency.objects.filter(code=step.agency).first()
    asked = exchanges.Asked(
        kind=kind,
        addressee=body.name if body else step.agency,
        addressee_code=(body.body_code or body.code) if body else step.agency,
        service=PLATFORM,
        sought=(step.title,),
    )
    exchanges.ask(run, asked, task=task)


def tell_parent(run: Run) -> None:
    """A case ended: if another one waits for it, queue the word."""
    link = WAITING_PARENT.first(run.case.pk)
    if link is not None:
        enqueue(
            kind=CHILD_ENDED, payload={"link": link.pk}, now=run.now, agency_id=link.agency_id, case_id=link.parent_id
        )


def tell_of_delay(run: Run) -> None:
    """The time to decide a case is over: if another one opened it, queue the word, also after a referral (art. 14)."""
    link = CaseLink.objects.filter(child=run.case).first()
    if link is not None:
        enqueue(
            kind=CHILD_LATE, payload={"link": link.pk}, now=run.now, agency_id=link.agency_id, case_id=link.parent_id
        )


def late(case: Case, on: date) -> QuerySet[CaseLink]:
    """The cases that this one opened whose own time to decide has passed, and which nobody decided.

    One that is decided, though late, may still be open to be carried out: its time to decide is over (arts. 14, 27).
    """
    over = Q(state__in=[Deadline.State.RUNNING, Deadline.State.EXPIRED], due_on__lt=on, kind=Deadline.Kind.TERM)
    found = case.links.filter(
        Exists(Deadline.objects.filter(over, case=OuterRef("child"))), child__finished=None, child__due_on__lt=on
    )
    found = found.exclude(kind=CaseLink.Kind.SUBCASE, task__status=STATUS.CANCELED)  # not waited for any more
    return found.select_related("child__agency").defer("child__flow_class").order_by("pk")
