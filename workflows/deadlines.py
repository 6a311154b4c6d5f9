"""Legal clocks of a case: they wait for their trigger, run, and are met or expire. The timer is a job row."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from jobs.api import new_job
from legaltime.api import DueDate, Term, Unit, business_days_between, local_date
from procedures.api import Deadline as DeadlineSpec
from workflows.models import CaseTask, Deadline
from workflows.runtime import Run

TIMER = "workflows.deadline"
"""Job kind: looks at one deadline when it runs out."""
WARNING = "workflows.deadline_warning"
"""Job kind: tells whoever must act that a deadline is near."""


def open_deadline(run: Run, task: CaseTask, spec: DeadlineSpec) -> Deadline:
    """Create the clock of a step; it runs at once unless it waits for a notification."""
    deadline = Deadline(
        case=run.case,
        agency_id=run.case.agency_id,
        task=task,
        step_id=task.step_id,
        binds_applicant=task.for_applicant,
        amount=spec.amount,
        unit=spec.unit,
        trigger=spec.trigger,
        legal_source=spec.source,
        on_expire=spec.on_expire or "",
        warn_before=spec.warn_before,
    )
    started = first_day(run, spec)
    if started is None:
        deadline.save()
    else:
        start_clock(run, deadline, started)
    return deadline


def first_day(run: Run, spec: DeadlineSpec) -> date | None:
    """The legal date from which the clock of a step that is entered now runs; None while it waits for something."""
    match spec.trigger:
        case "entered":
            return run.today
        case "filed":
            return legal_filing_date(run)
    return None


def due_on_entering(run: Run, spec: DeadlineSpec | None) -> date | None:
    """The last day of a step that is entered now, for its task row; None when it has none yet."""
    started = first_day(run, spec) if spec else None
    return last_day(run, started, spec.amount, spec.unit).date if spec and started else None


def last_day(run: Run, starts_on: date, amount: int, unit: str) -> DueDate:
    """The last day of a term that starts on a legal date, and why (art. 25)."""
    return run.calendar.due_date(starts_on=starts_on, term=Term(amount, cast(Unit, unit)))


def open_case_term(run: Run) -> Deadline:
    """The clock of the whole procedure, from the legal date of filing (Ley 19.880 arts. 24 and 27)."""
    term = run.bundle.term
    deadline = Deadline(
        case=run.case,
        agency_id=run.case.agency_id,
        amount=term.amount,
        unit=term.unit,
        trigger="filed",
        legal_source=term.source,
    )
    start_clock(run, deadline, legal_filing_date(run))
    run.case.due_on = deadline.due_on
    run.touch("due_on")
    return deadline


def legal_filing_date(run: Run) -> date:
    """The legal date of filing: the next business day where it arrived on another (art. 25)."""
    return local_date(run.case.effective_at, run.place.zone)


def start_clock(run: Run, deadline: Deadline, starts_on: date) -> None:
    """Let a new or waiting clock run from a legal date; the day itself does not count (art. 25)."""
    due = last_day(run, starts_on, deadline.amount, deadline.unit)
    deadline.state, deadline.starts_on, deadline.due_on = Deadline.State.RUNNING, starts_on, due.date
    deadline.explanation = due.explanation
    deadline.save(update_fields=["state", "starts_on", "due_on", "explanation"] if deadline.pk else None)
    if deadline.task is not None and deadline.task.due_on != due.date:
        CaseTask.objects.filter(pk=deadline.task.pk).update(due_on=due.date)
    _set_timer(run, TIMER, deadline, end_of(due.date, run))
    if deadline.warn_before:
        _set_timer(run, WARNING, deadline, end_of(warning_day(run, due.date, deadline.warn_before), run))
    run.record("deadline.started", {"step": deadline.step_id, "due_on": due.date.isoformat()})


def _set_timer(run: Run, kind: str, deadline: Deadline, run_at: datetime) -> None:
    timer = new_job(
        kind=kind,
        payload={"deadline": deadline.pk},
        now=run.now,
        run_at=run_at,
        agency_id=run.case.agency_id,
        case_id=run.case.pk,
    )
    run.timers.append(timer)


def warning_day(run: Run, due_on: date, days: int) -> date:
    """The day after which `days` business days are left."""
    day = due_on
    while business_days_between(day, due_on, run.place) < days:
        day -= timedelta(days=1)
    return day


def end_of(day: date, run: Run) -> datetime:
    """The instant at which the last day of a term is over at the agency's seat."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(run.place.zone)).astimezone(UTC)


def notified(run: Run, step_id: str, effective_on: date) -> int:
    """Start the clocks that waited for this notification; returns how many."""
    waiting = run.case.deadlines.filter(state=Deadline.State.WAITING, trigger=f"notified({step_id})")
    clocks = list(waiting.select_related("task"))
    for deadline in clocks:
        start_clock(run, deadline, effective_on)
    return len(clocks)


def met(run: Run, task: CaseTask) -> None:
    """Stop the clocks of a finished task. Its timer will find nothing to do."""
    run.case.deadlines.filter(task=task, state__in=[Deadline.State.WAITING, Deadline.State.RUNNING]).update(
        state=Deadline.State.MET, closed_at=run.now
    )


def in_words(deadline: Deadline) -> str:
    """The state of a clock, for the case page and the applicant's."""
    if deadline.state == Deadline.State.WAITING:
        return _("El plazo no ha empezado: falta notificar")
    return str(deadline.get_state_display())
