"""A holiday that is declared while clocks run: the day is no business day for them either (Ley 19.880 art. 25; R7)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.api import in_spanish
from jobs.api import enqueue, enqueue_all, new_job
from jobs.models import Job
from legaltime.api import Term, due_date, is_business_day, local_date
from workflows import deadlines
from workflows.commands import clock_orders
from workflows.commands.locking import locked
from workflows.models import Deadline, DeadlineChange
from workflows.runtime import Run

SPREAD_HOLIDAY = "workflows.spread_holiday"
"""Job kind: asks for the cases, a batch at a time, whose clocks cross a new holiday."""
RECOUNT = "workflows.recount_clocks"
"""Job kind: counts again the clocks of one case that cross it."""
BATCH = 200
"""Cases that one job asks for."""
DECLARED = "declared"
"""Key of a clock's explanation: the days that were declared holidays while it ran, and for which it was moved."""


def declared(day: date, place: str, now: datetime) -> None:
    """Have the clocks counted again that cross a new holiday of a place: "" is the country, else a region or commune.

    Nobody's time is shortened when one is withdrawn: whoever was told a last day keeps it.
    """
    enqueue(kind=SPREAD_HOLIDAY, payload={"day": day.isoformat(), "place": place, "after": 0}, now=now)


def spread_holiday(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: ask for a batch of cases; what follows it is another job, written with them."""
    payload = job.payload
    crossing = _crossing(date.fromisoformat(payload["day"])).filter(agency__commune__startswith=payload["place"])
    following = crossing.filter(case_id__gt=payload["after"]).order_by("case_id")
    cases = list(following.values_list("case_id", "agency_id").distinct()[:BATCH])
    told = {"day": payload["day"]}
    enqueue_all(
        jobs=[new_job(kind=RECOUNT, payload=told, now=now, agency_id=agency, case_id=case) for case, agency in cases]
    )
    if len(cases) == BATCH:
        enqueue(kind=SPREAD_HOLIDAY, payload={**payload, "after": cases[-1][0]}, now=now)
    return {"cases": len(cases)}


def recount_clocks(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: give the clocks of a case the day that became a holiday. Running again changes nothing.

    Nor does it where the day is a business day there after all: what was declared was withdrawn before this ran, or the
    commune of the agency has its own word on that day.
    """
    assert job.case_id is not None
    day = date.fromisoformat(job.payload["day"])
    with locked(job.case_id, by=None, now=now) as run:
        if is_business_day(day, run.place):
            return {"clocks": 0}
        found = _crossing(day).filter(case=run.case).select_related("task", "party__person").order_by("pk")
        moved = [clock for clock in found if _count_again(run, clock, day)]
    return {"clocks": len(moved)}


def _crossing(day: date) -> QuerySet[Deadline]:
    """The clocks of which a day is one: those that stand still too, whose last day says how much was left."""
    return Deadline.objects.filter(state__in=deadlines.STILL_OPEN, starts_on__lt=day, due_on__gte=day)


def _count_again(run: Run, clock: Deadline, day: date) -> bool:
    due = _later(run, clock, day)
    if due is None or _is_counted(run, clock, day):
        return False
    told = clock.explanation
    clock.explanation = {
        **told,
        "notes": [*told.get("notes", []), _moved(day)],
        DECLARED: [*told.get(DECLARED, []), day.isoformat()],
    }
    deadlines.move(run, clock, due)
    if clock.binds_applicant and clock.state == Deadline.State.RUNNING:
        words = gettext_lazy("«%(what)s» ahora vence el %(due)s, porque se declaró feriado el %(reason)s.")
        reason = date_format(day, "SHORT_DATE_FORMAT")
        clock_orders.tell(run, clock, gettext_lazy("Tienes un día hábil más"), words, reason)
    return True


def _later(run: Run, clock: Deadline, day: date) -> date | None:
    """The last day now; None where the day takes nothing from the clock: other days than business days go on."""
    assert clock.due_on is not None
    if clock.unit != Deadline.Unit.BUSINESS_DAYS and clock.due_on != day:
        return None
    return due_date(starts_on=clock.due_on, term=Term(1, "business_days"), place=run.place).date


def _is_counted(run: Run, clock: Deadline, day: date) -> bool:
    """Whether its last day was counted with the holiday, or it ran again after that day."""
    told = clock.explanation
    if day.isoformat() in [*told.get(DECLARED, []), *(skipped["date"] for skipped in told.get("skipped", []))]:
        return True
    again = clock.changes.filter(kind=DeadlineChange.Kind.RESUMPTION).order_by("pk").last()
    if again is None or again.decided_at is None:
        return False
    return day <= local_date(again.decided_at, run.place.zone)


@in_spanish
def _moved(day: date) -> str:
    told = _("El %(day)s se declaró feriado cuando ya corría: ese día no se cuenta (Ley 19.880, art. 25).")
    return told % {"day": date_format(day, "SHORT_DATE_FORMAT")}
