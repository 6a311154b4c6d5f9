"""Order of entry: cases of the same procedure and step are dispatched strictly as they came (art. 7, R21).

A reasoned order of the unit's head may put a class of cases before the others for a time. Whether a step is covered
is written on its row when the case reaches it and when an order begins or ends, so that lists only sort.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import Exists, OuterRef, Q, QuerySet
from pydantic import TypeAdapter

from accounts.models import Person
from legaltime.api import local_date
from procedures.api import Bundle, Condition, RuleError, evaluate
from workflows.models import FIRST, ORDINARY, Case, CaseTask, EntryOrder, Recusal
from workflows.prepared import PreparedRead
from workflows.separation import bound_up_in, for_others, partial_in

if TYPE_CHECKING:
    from workflows.runtime import Run


class CaseClass(Protocol):
    """Which cases an order is about, given already or only being written."""

    @property
    def condition(self) -> Mapping[str, Any]:
        """Over what was answered in the application; empty where any answer will do."""

    @property
    def filed_from(self) -> date | None:
        """Only what was filed from this day on."""

    @property
    def filed_to(self) -> date | None:
        """And up to this day, included."""


CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)


def _preceded(task: int, person: int, left_out: Q | None = None) -> QuerySet[CaseTask]:
    alike = CaseTask.objects.filter(
        ~Exists(Recusal.objects.filter(case=OuterRef("process"), person=person)),
        ~Exists(partial_in(OuterRef("process"), person)),
        *([] if left_out is None else [~left_out]),
        status="NEW",
        role=OuterRef("role"),
        step_id=OuterRef("step_id"),
        process__version__procedure_id=OuterRef("process__version__procedure_id"),
    )
    return CaseTask.objects.only("pk").filter(
        Exists(alike.filter(rank=OuterRef("rank"), filed_at__lt=OuterRef("filed_at")))
        | Exists(alike.filter(rank__lt=OuterRef("rank"))),
        pk=task,
    )


PRECEDED = PreparedRead(2, _preceded)


def is_preceded(case: Case, task: CaseTask, person: Person, on: date) -> bool:
    """Whether others that nobody has taken, of the same procedure, step and role, go before this one for the person.

    A new version makes no matter of another nature: who applied under the former one still goes first (art. 7). Those
    whose case entered before, and those that an order in force covers when it does not cover this one. What others must
    do, and not the person, does not hold them back: it stands still, or waits for somebody else.
    """
    if not PRECEDED.rows(task.pk, person.pk):
        return False
    left_out = Q(*(Exists(one) for one in bound_up_in(OuterRef("process"), person.pk, on)), _connector=Q.OR)
    for_another = for_others(case, task, person, on)
    if for_another is not None:
        left_out |= for_another
    return _preceded(task.pk, person.pk, left_out).exists()


def order_over(unit_id: int | None, procedure_id: int, on: date) -> EntryOrder | None:
    """The order that rules the steps of a unit in a procedure that day; there is one at most."""
    orders = EntryOrder.objects.filter(unit=unit_id, procedure=procedure_id, is_over=False)
    return orders.filter(starts_on__lte=on, ends_on__gte=on).select_related("given_by").first()


def order_of(case: Case, task: CaseTask, on: date) -> EntryOrder | None:
    """The order that puts a step first; a read only where one does."""
    return order_over(task.unit_id, case.version.procedure_id, on) if task.rank == FIRST else None


def covers(order: CaseClass, data: Mapping[str, Any], filed_on: date, bundle: Bundle) -> bool:
    """Whether a case filed that day is of the order's class (art. 7).

    One whose version does not ask what the class looks at is not.
    """
    if not (order.filed_from or filed_on) <= filed_on <= (order.filed_to or filed_on):
        return False
    try:
        return not order.condition or evaluate(CONDITION.validate_python(order.condition), data, bundle)
    except RuleError:
        return False


def place(run: Run, task: CaseTask) -> bool:
    """Write on a task whether an order puts it first, with an event when that changed; whether it did."""
    order = order_over(task.unit_id, run.case.version.procedure_id, run.today)
    is_first = order is not None and covers(
        order, run.case.data, local_date(run.case.filed_at, run.place.zone), run.bundle
    )
    rank = FIRST if is_first else ORDINARY
    if rank == task.rank:
        return False
    task.rank = rank
    if order is not None and is_first:
        body = {"step": task.step_id, "order": order.pk, "until": order.ends_on.isoformat()}
        run.record("order.covered", body, personal={"reason": order.reason})
    else:
        run.record("order.left", {"step": task.step_id})
    return True
