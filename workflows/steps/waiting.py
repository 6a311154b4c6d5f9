"""Step kind wait: the case stands until a day comes or an official records what happened outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jobs.api import enqueue
from legaltime.api import Term, due_date
from procedures.api import Bundle, WaitStep
from workflows.errors import RoutingError
from workflows.models import CaseTask, Incident, ReportedEvent
from workflows.nodes import StepActivation, StepNode, WaitingNode
from workflows.runtime import Run
from workflows.scopes import data_for
from workflows.steps.registry import Facet

if TYPE_CHECKING:
    from workflows.compiler import Routes

TIMER = "workflows.wait"
"""Job kind: the day that a case waited for has come."""
APPLY = "workflows.apply_event"
"""Job kind: takes what a system reported before the case waited for it."""


class WaitFacet(Facet):
    kind = "wait"

    def nodes(self, step: Any, bundle: Bundle, routes: Routes) -> Iterator[tuple[str, StepNode]]:
        node = WaitingNode(
            step_id=step.id,
            step_kind=step.kind,
            title=step.title,
            role=step.role,
            do=lambda activation: _begin(step, activation),
            routes=routes.of(step),
        )
        yield self.entry(step), node


def _begin(step: WaitStep, activation: StepActivation) -> None:
    """Set the timer, if there is a day to wait for, and look whether what is awaited was reported already."""
    run, task = activation.run, activation.task
    if step.event:
        _take_early_report(run, task)
    day = first_day(step, run, task)
    if day is None:
        return
    task.due_on, task.data = day, {**task.data, "until": day.isoformat()}
    CaseTask.objects.filter(pk=task.pk).update(due_on=day, last_day=day, data=task.data)
    enqueue(
        kind=TIMER,
        payload={"task": task.pk},
        now=run.now,
        run_at=beginning_of(day, run),
        agency_id=run.case.agency_id,
        case_id=run.case.pk,
    )


def _take_early_report(run: Run, task: CaseTask) -> None:
    for event_id in early_reports(task).order_by("pk").values_list("pk", flat=True):
        payload, agency_id = {"event": event_id}, run.case.agency_id
        enqueue(kind=APPLY, payload=payload, now=run.now, agency_id=agency_id, case_id=run.case.pk)


def early_reports(task: CaseTask) -> QuerySet[ReportedEvent]:
    """What systems reported for this wait, or for no row in particular, before the case waited for it."""
    early = ReportedEvent.objects.filter(case=task.process_id, step_id=task.step_id, state="kept", why="early")
    return early.filter(Q(row=None) | Q(row=task.occurrence))


def awaits_events(bundle: Bundle) -> bool:
    """Whether some step waits for what happens outside, so that systems may report it early."""
    return any(isinstance(step, WaitStep) and step.event for step in bundle.every_step())


def leave_early_reports(run: Run) -> None:
    """The case ends: what was reported for a step that it never reached waits for a person now."""
    ReportedEvent.objects.filter(case=run.case, state="kept", why="early").update(why="over")


def first_day(step: WaitStep, run: Run, task: CaseTask) -> date | None:
    """The day on which the case goes on by itself; None where it waits for an event alone."""
    if step.after is not None:
        term = Term(step.after.amount, step.after.unit)
        return due_date(starts_on=run.today, term=term, place=run.place).date + timedelta(days=1)
    if step.until is None:
        return None
    source, _dot, name = step.until.partition(".")
    answer = data_for(run.case, task).get(source, {}).get(name)
    if not answer:
        raise RoutingError(Incident.Kind.RULE, step.id, _("Falta la fecha que el paso espera."))
    return date.fromisoformat(str(answer)) - timedelta(days=step.days_before or 0)


def beginning_of(day: date, run: Run) -> datetime:
    """The instant at which a day begins at the agency's seat."""
    return datetime.combine(day, time(), ZoneInfo(run.place.zone)).astimezone(UTC)
