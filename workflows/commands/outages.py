"""Outages of the platform: published, noted on every clock that ran meanwhile, with more time where it is ordered.

No norm moves a clock by itself because the platform was down (DS 4 arts. 7 and 47 ask for its record, R52). The head
of service may give more time by the same resolution, as an extension of the body's own motion: before the clock
expires and never beyond half of it (Ley 19.880 art. 26, R12).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from jobs.api import enqueue
from jobs.models import Job
from legaltime.api import Term, business_days_between, due_date, local_date
from workflows import deadlines
from workflows.access import operates
from workflows.commands import clocks
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Deadline, DeadlineChange, Outage
from workflows.receipts import certify_outage
from workflows.runtime import Run

OUTAGE = "workflows.note_outage"
"""Job kind: notes an outage on the clocks of one case."""
State = Deadline.State


@dataclass(frozen=True)
class Stated:
    """What the head of service states about an outage."""

    starts_at: datetime
    ends_at: datetime
    cause: str
    resolution: str
    evidence: str = ""
    gives_time: bool = False


@transaction.atomic
def record_outage(*, agency: Agency, stated: Stated, by: Person, now: datetime) -> Outage:
    """Publish an outage of the platform and have it noted on every clock that ran meanwhile (DS 4 arts. 7, 47; R52).

    Raises NotAllowed, CommandRefused for hours that make no sense or an outage that is recorded already.
    """
    if not operates(by, [agency.pk], local_date(now, agency.time_zone)):
        raise NotAllowed
    if not stated.starts_at < stated.ends_at <= now:
        raise CommandRefused(_("La interrupción debe empezar antes de terminar, y haber terminado ya."))
    if agency.outages.filter(starts_at__lt=stated.ends_at, ends_at__gt=stated.starts_at).exists():
        raise CommandRefused(_("Ya hay una interrupción registrada en esas horas."))
    outage = Outage.objects.create(agency=agency, recorded_by=by, recorded_at=now, **vars(stated))
    for case_id in touched(outage).values_list("case_id", flat=True).distinct():
        enqueue(kind=OUTAGE, payload={"outage": outage.pk}, now=now, agency_id=agency.pk, case_id=case_id)
    return outage


def touched(outage: Outage) -> QuerySet[Deadline]:
    """Clocks that ran while the platform was down, also those that ran out on one of those days."""
    first, last = days_of(outage)
    ran_out = Q(state=State.EXPIRED, due_on__range=(first, last))
    return Deadline.objects.filter(
        Q(state__in=deadlines.STILL_OPEN) | ran_out, agency=outage.agency_id, starts_on__lte=last, due_on__gte=first
    )


def days_of(outage: Outage) -> tuple[date, date]:
    """The first and the last day of an outage at the agency's seat."""
    zone = outage.agency.time_zone
    return local_date(outage.starts_at, zone), local_date(outage.ends_at, zone)


def note_outage(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: attach the outage to the clocks of one case, and move those to which it gives time.

    Its sealed certificate enters the file once, however often the job runs (DS 4 art. 47; R52).
    """
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        outage = Outage.objects.select_related("agency", "recorded_by").get(pk=job.payload["outage"])
        clocks_hit = touched(outage).filter(case=run.case).exclude(changes__outage=outage).order_by("pk")
        changes = [_note(run, clock, outage) for clock in clocks_hit.select_related("task", "party__person")]
        if changes:
            certificate = certify_outage(run, outage, changes)
            DeadlineChange.objects.filter(pk__in=[change.pk for change in changes]).update(certificate=certificate)
            run.record("outage.noted", {"outage": outage.pk})
    return {"clocks": len(changes)}


def _note(run: Run, deadline: Deadline, outage: Outage) -> DeadlineChange:
    due = _more_time(run, deadline, outage) or deadline.due_on
    change = clocks.change_of(run, deadline, DeadlineChange.Kind.OUTAGE, reason=outage.cause, source=outage.resolution)
    change.outage = outage
    clocks.decide(run, change, due)
    if due is not None and due != deadline.due_on:
        deadlines.move(run, deadline, due)
        words = gettext_lazy("«%(what)s» ahora vence el %(due)s, porque la plataforma no funcionó: %(reason)s")
        clocks.tell(run, deadline, gettext_lazy("Se amplió un plazo"), words, outage.cause)
    return change


def _more_time(run: Run, deadline: Deadline, outage: Outage) -> date | None:
    """The day after the outage, for what a person had to do on one of its days; None where no time is given."""
    _first, last = days_of(outage)
    if not outage.gives_time or deadline.state != State.RUNNING or not deadline.binds_applicant:
        return None
    if deadline.due_on is None or deadline.due_on > last or run.today > deadline.due_on:
        return None
    due = due_date(starts_on=last, term=Term(1, "business_days"), place=run.place).date
    return due if _days_more(run, deadline, due) <= _half(deadline) else None


def _days_more(run: Run, deadline: Deadline, due: date) -> int:
    assert deadline.due_on is not None
    if deadline.unit == Deadline.Unit.BUSINESS_DAYS:
        return business_days_between(deadline.due_on, due, run.place)
    return (due - deadline.due_on).days


def _half(deadline: Deadline) -> int:
    """Days that may still be added: a month counts as thirty days and twenty-four hours as one."""
    days = {Deadline.Unit.MONTHS: 30}.get(Deadline.Unit(deadline.unit), 1)
    left = clocks.extension_left(deadline) if days == 1 else deadline.amount * days // 2
    return left // 24 if deadline.unit == Deadline.Unit.HOURS else left
