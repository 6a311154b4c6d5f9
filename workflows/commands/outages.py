"""Outages of the platform: published, noted on every clock that ran meanwhile, with more time where it is ordered.

No norm moves a clock by itself because the platform was down (DS 4 arts. 7 and 47 ask for its record, R52). The head
of service may give more time by the same resolution, as an extension of the body's own motion: before the clock
expires and never beyond half of it (Ley 19.880 art. 26, R12).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Agency, Person
from jobs.api import enqueue, enqueue_all, new_job
from jobs.models import Job
from legaltime.api import Term, business_days_between, due_date, local_date
from workflows import deadlines
from workflows.access import operates
from workflows.commands import clock_orders, clocks
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Deadline, DeadlineChange, Outage
from workflows.receipts import certify_outage
from workflows.runtime import Run

OUTAGE = "workflows.note_outage"
"""Job kind: notes an outage on the clocks of one case."""
SPREAD = "workflows.spread_outage"
"""Job kind: asks for the note of a batch of cases."""
CERTIFY = "workflows.certify_outages"
"""Job kind: asks, each day, for the certificates that noted clocks lack."""
BATCH = 200
"""Cases that one job asks for."""
PAUSE = timedelta(minutes=1)
"""Between two batches that nobody's time depends on: their sealed certificates must not keep acts from their seal."""
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
    _check(agency, stated, by, now)
    outage = Outage.objects.create(agency=agency, recorded_by=by, recorded_at=now, **vars(stated))
    enqueue(kind=SPREAD, payload=_round(outage, rest=False), now=now, agency_id=agency.pk)
    return outage


def _check(agency: Agency, stated: Stated, by: Person, now: datetime) -> None:
    if not operates(by, [agency.pk], local_date(now, agency.time_zone)):
        raise NotAllowed
    if not stated.starts_at < stated.ends_at <= now:
        raise CommandRefused(_("La interrupción debe empezar antes de terminar, y haber terminado ya."))
    if agency.outages.filter(starts_at__lt=stated.ends_at, ends_at__gt=stated.starts_at).exists():
        raise CommandRefused(_("Ya hay una interrupción registrada en esas horas."))


@dataclass(frozen=True)
class Reach:
    """What publishing an outage would touch, counted now."""

    clocks: int
    cases: int
    given_time: int
    """Clocks of persons that ran out on its days and would get more time, if none is beyond half of its length."""


def preview_outage(*, agency: Agency, stated: Stated, by: Person, now: datetime) -> Reach:
    """What publishing it would touch, counted before anybody publishes it. Raises what `record_outage` raises."""
    _check(agency, stated, by, now)
    outage = Outage(agency=agency, recorded_at=now, **vars(stated))
    hit, last = touched(outage), days_of(outage)[1]
    own = hit.filter(state=State.RUNNING, binds_applicant=True, due_on__lte=last)
    given = own.filter(due_on__gte=local_date(now, agency.time_zone)).count() if stated.gives_time else 0
    return Reach(hit.count(), hit.values("case_id").distinct().count(), given)


def being_noted(outage: Outage) -> int:
    """Cases on whose clocks it is not noted yet: not asked for, or asked for and waiting for their turn."""
    if outage.asked_at is None:
        return unnoted(outage).values("case_id").distinct().count()
    notes = Job.objects.filter(kind=OUTAGE, agency_id=outage.agency_id, payload={"outage": outage.pk})
    return notes.filter(run_at__isnull=False).count()


def _round(outage: Outage, *, rest: bool, after: int = 0) -> dict[str, Any]:
    """What a batch begins with: the cases after this one, of those whose time ran out with the outage, or the rest."""
    return {"outage": outage.pk, "rest": rest, "after": after}


def spread_outage(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: ask for the note of a batch of cases; what follows it is another job, written with them.

    First come the clocks that ran out on the days of the outage: more time must reach them before they expire.
    """
    outage = Outage.objects.select_related("agency").get(pk=job.payload["outage"])
    rest, after = job.payload["rest"], job.payload["after"]
    left = unnoted(outage) if rest else unnoted(outage).filter(due_on__lte=days_of(outage)[1])
    cases = _ask(left, outage, after, now)
    if len(cases) == BATCH:
        run_at = now + PAUSE if rest else now
        _go_on(outage, _round(outage, rest=rest, after=cases[-1]), now, run_at)
    elif not rest:
        _go_on(outage, _round(outage, rest=True), now, now)
    else:
        outage.asked_at = now
        outage.save(update_fields=["asked_at"])
    return {"cases": len(cases)}


def _ask(clocks: QuerySet[Deadline], outage: Outage, after: int, now: datetime) -> list[int]:
    """Queue the note of the cases of these clocks that follow `after`, a batch at most; their ids in order."""
    following = clocks.filter(case_id__gt=after).order_by("case_id").values_list("case_id", flat=True)
    cases = list(following.distinct()[:BATCH])
    payload = {"outage": outage.pk}
    enqueue_all(
        jobs=[new_job(kind=OUTAGE, payload=payload, now=now, agency_id=outage.agency_id, case_id=one) for one in cases]
    )
    return cases


def _go_on(outage: Outage, payload: dict[str, Any], now: datetime, run_at: datetime) -> None:
    enqueue(kind=SPREAD, payload=payload, now=now, agency_id=outage.agency_id, run_at=run_at)


def unnoted(outage: Outage) -> QuerySet[Deadline]:
    """The clocks on which it is not noted yet."""
    return touched(outage).exclude(changes__outage=outage)


def certify_noted(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: ask for the certificates of a batch of cases whose clocks were noted before there were any."""
    lacking = DeadlineChange.objects.filter(outage__isnull=False, certificate=None)
    following = lacking.filter(deadline__case_id__gt=job.payload.get("after", 0)).order_by("deadline__case_id")
    cases = list(following.values_list("deadline__case_id", flat=True).distinct()[:BATCH])
    rows = lacking.filter(deadline__case__in=cases).values_list("outage_id", "agency_id", "deadline__case_id")
    enqueue_all(
        jobs=[
            new_job(kind=OUTAGE, payload={"outage": outage}, now=now, agency_id=agency, case_id=case)
            for outage, agency, case in sorted(set(rows))
        ]
    )
    if len(cases) == BATCH:
        enqueue(kind=CERTIFY, payload={"after": cases[-1]}, now=now, run_at=now + PAUSE)
    return {"cases": len(cases)}


def touched(outage: Outage) -> QuerySet[Deadline]:
    """Clocks that ran while the platform was down, also those that ran out on one of those days.

    Those that ended since it was published count as open, so that no batch comes too late for them.
    """
    first, last = days_of(outage)
    was_open = Q(state__in=deadlines.STILL_OPEN) | Q(closed_at__gte=outage.recorded_at)
    ran_out = Q(state=State.EXPIRED, due_on__range=(first, last))
    return Deadline.objects.filter(was_open | ran_out, agency=outage.agency_id, starts_on__lte=last, due_on__gte=first)


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
        return {"clocks": _note_all(run, outage)}


def _note_all(run: Run, outage: Outage) -> int:
    """Note it on every clock of the case that it touched, with its certificate; on how many."""
    clocks_hit = unnoted(outage).filter(case=run.case).order_by("pk").select_related("task", "party__person")
    before = DeadlineChange.objects.filter(outage=outage, certificate=None, deadline__case=run.case).order_by("pk")
    changes = list(before.select_related("deadline__task", "deadline__party__person"))
    changes += [_note(run, clock, outage) for clock in clocks_hit]
    if changes:
        certificate = certify_outage(run, outage, changes)
        DeadlineChange.objects.filter(pk__in=[change.pk for change in changes]).update(certificate=certificate)
        run.record("outage.noted", {"outage": outage.pk})
    return len(changes)


def note_before_the_end(run: Run, deadline: Deadline) -> bool:
    """Whether a clock whose day is over has more time after all, by an outage that was stated while it ran.

    What gives the time is the resolution, which came before the end (art. 26), and not the job that notes it: that one
    may wait behind thousands.
    """
    assert deadline.due_on is not None
    end = deadlines.end_of(deadline.due_on, run)
    that_day = Outage.objects.filter(agency=run.case.agency_id, starts_at__lt=end, ends_at__gte=end - timedelta(days=1))
    given = that_day.filter(gives_time=True, recorded_at__lt=end).exclude(changes__deadline=deadline).order_by("pk")
    for outage in given.select_related("agency", "recorded_by"):
        _note_all(run, outage)
    before = deadline.due_on
    deadline.refresh_from_db(fields=["due_on"])
    return deadline.due_on != before


def _note(run: Run, deadline: Deadline, outage: Outage) -> DeadlineChange:
    due = _more_time(run, deadline, outage) or deadline.due_on
    change = clocks.change_of(run, deadline, DeadlineChange.Kind.OUTAGE, reason=outage.cause, source=outage.resolution)
    change.outage = outage
    clocks.decide(run, change, due)
    if due is not None and due != deadline.due_on:
        deadlines.move(run, deadline, due)
        words = gettext_lazy("«%(what)s» ahora vence el %(due)s, porque la plataforma no funcionó: %(reason)s")
        clock_orders.tell(run, deadline, gettext_lazy("Se amplió un plazo"), words, outage.cause)
    return change


def _more_time(run: Run, deadline: Deadline, outage: Outage) -> date | None:
    """The day after the outage, for what a person had to do on one of its days; None where no time is given."""
    _first, last = days_of(outage)
    if not outage.gives_time or deadline.state != State.RUNNING or not deadline.binds_applicant:
        return None
    stated_on = local_date(outage.recorded_at, run.place.zone)
    if deadline.due_on is None or deadline.due_on > last or stated_on > deadline.due_on:
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
