"""Looks for cases that stand still: no step, timer, job or wait; a step nobody can do; a job that was given up."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice

from django.db import DatabaseError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from viewflow.workflow.status import STATUS

from jobs.api import jobs_of_case
from jobs.models import Job
from notifications.api import Said
from workflows import certifying, messages
from workflows.incidents import causes, people
from workflows.incidents.opening import open_incident
from workflows.models import Case, CaseTask, Challenge, Incident
from workflows.nodes.base import OPEN
from workflows.queries import holders
from workflows.runtime import Run
from workflows.separation import deciders

MOST = 500
"""Cases, or incidents, looked at in one round; the next round takes the rest."""
Kind = Incident.Kind
logger = logging.getLogger(__name__)


def suspicious_cases(now: datetime, on: date) -> list[int]:
    """Cases that somebody should look at under their lock, because they may be stuck; MOST at the most."""
    found: dict[int, None] = {}
    for search in (_without_steps(), _forgotten(), _given_up()):
        found.update(dict.fromkeys(case_id for case_id in search[:MOST] if case_id is not None))
    found.update(dict.fromkeys(islice(_without_people(on), MOST)))
    found.update(dict.fromkeys(islice(_undecided(on), MOST)))
    found.update(dict.fromkeys(islice(_uncertified(on), MOST)))
    return _not_queued(found)[:MOST]


def solved_cases(now: datetime, on: date, after: int = 0) -> tuple[list[int], int]:
    """Cases with an open incident whose cause may be gone, among the next MOST incidents `after` that id.

    With the id after which to go on; 0 when there are no more.
    """
    rows = Incident.objects.filter(closed_at=None, pk__gt=after).order_by("pk")
    rows = rows.select_related("case__agency", "task__owner", "task__role__unit")
    looked_at = list(rows.defer("case__flow_class", "task__flow_task")[:MOST])
    found = dict.fromkeys(_solved(looked_at, now, on))
    return _not_queued(found), looked_at[-1].pk if len(looked_at) == MOST else 0


def _not_queued(found: Iterable[int]) -> list[int]:
    pending = Job.objects.filter(kind="workflows.look_at_case", run_at__isnull=False)
    queued = set(pending.filter(case_id__in=list(found)).values_list("case_id", flat=True))
    return [case_id for case_id in found if case_id not in queued]


@contextmanager
def _alone() -> Iterator[None]:
    """What cannot be looked at holds up nothing else; the log says only what kind of error it was."""
    try:
        yield
    except DatabaseError:
        raise
    except Exception as error:
        logger.error("A case could not be looked at (%s)", type(error).__name__)


def _without_steps() -> QuerySet[Case, int]:
    waiting = causes.live_tasks().filter(process=OuterRef("pk"))
    jobs = Job.objects.filter(case_id=OuterRef("pk"), kind__startswith="workflows.", run_at__isnull=False)
    held = Incident.objects.filter(case=OuterRef("pk"), closed_at=None, job_id=None).exclude(kind__in=Incident.BESIDE)
    still = Case.objects.filter(~Exists(waiting), ~Exists(jobs.exclude(kind__in=causes.CLOCKS)), ~Exists(held))
    return still.filter(finished=None, joined_to=None).order_by("pk").values_list("pk", flat=True)


def _without_people(on: date) -> Iterator[int]:
    """Cases with a step that nobody may do and about which nobody was told."""
    kinds = [Kind.NO_RESPONSIBLE, Kind.STALLED]
    told = Incident.objects.filter(task=OuterRef("pk"), kind__in=kinds, closed_at=None)
    for task in people.without_people(causes.live_tasks().filter(~Exists(told)), on):
        yield task.process_id


def _forgotten() -> QuerySet[CaseTask, int]:
    jobs = Job.objects.filter(case_id=OuterRef("process_id"))
    alive, sealing = (Exists(causes.that_bring_on(jobs, seals=seals)) for seals in (False, True))
    lost = Q(~alive, ~Q(step_kind="seal")) | Q(~sealing, step_kind="seal")
    tasks = CaseTask.objects.filter(status=STATUS.SCHEDULED, step_kind__in=causes.ENGINE_KINDS)
    tasks = tasks.exclude(step_kind="wait", role__isnull=False)
    held = Incident.objects.filter(task=OuterRef("pk"), closed_at=None).exclude(kind__in=Incident.BESIDE)
    return tasks.filter(lost, ~Exists(held)).values_list("process_id", flat=True)


def _given_up() -> QuerySet[Job, int | None]:
    known = Incident.objects.filter(job_id=OuterRef("pk"))
    return unwatched_failures().filter(~Exists(known), case_id__isnull=False).values_list("case_id", flat=True)


def unwatched_failures() -> QuerySet[Job]:
    """Jobs that were given up without anybody who is told: blocked ones, and dead ones that name no follow-up."""
    return Job.objects.filter(Q(state=Job.State.BLOCKED) | Q(state=Job.State.DEAD, on_dead=""))


def _undecided(on: date) -> Iterator[int]:
    """Open cases with a challenge that nobody may decide any more, looked for among all that wait, a batch at a time.

    Those that somebody may decide stay waiting for long: a bound on what is looked at would hide what comes after.
    """
    told = Incident.objects.filter(case=OuterRef("case"), kind=Kind.NO_SUPERIOR, closed_at=None)
    waiting = Challenge.objects.filter(~Exists(told), decided_at=None, case__finished=None)
    rows = waiting.select_related("case__version").defer("case__flow_class").order_by("case", "pk")
    found = rows.iterator(chunk_size=people.BATCH)
    while batch := list(islice(found, people.BATCH)):
        yield from dict.fromkeys(_nobody_decides([(one.case, one.person_id) for one in batch], on))


def _uncertified(on: date) -> Iterator[int]:
    """Cases whose person asked for the certificate of silence, which is late and about which nobody was told."""
    told = Incident.objects.filter(case=OuterRef("process"), kind=Kind.NO_CERTIFICATE, closed_at=None)
    waiting = Case.objects.filter(pk__in=certifying.waiting().filter(~Exists(told)).values("process"))
    for case in waiting.select_related("version", "agency").defer("flow_class").order_by("pk").iterator():
        with _alone():
            if causes.why_uncertified(case, on):
                yield case.pk


def _nobody_decides(asked: Sequence[tuple[Case, int]], on: date) -> Iterator[int]:
    """The cases of those challenges whose official has no superior here; read at once, unless one cannot be read."""
    try:
        yield from [case.pk for (case, _person), who in zip(asked, deciders(asked, on), strict=True) if not who]
    except DatabaseError:
        raise
    except Exception:
        for case, person in asked:
            with _alone():
                if not deciders([(case, person)], on)[0]:
                    yield case.pk


def _solved(incidents: Iterable[Incident], now: datetime, on: date) -> Iterator[int]:
    """Cases of these incidents whose cause is gone; of steps that nobody could do, read at once."""
    steps: dict[int, CaseTask] = {}
    others: list[Incident] = []
    waiting: list[Incident] = []
    for incident in incidents:
        task = incident.task
        if incident.kind != Kind.NO_RESPONSIBLE or task is None or task.status not in OPEN or incident.case.finished:
            others.append(incident)
            continue
        task.process = incident.case
        steps[task.pk] = task
        waiting.append(incident)
    stuck = {one.task.pk for one in people.standing(list(steps.values()), on) if one.kind == Kind.NO_RESPONSIBLE}
    yield from (incident.case_id for incident in waiting if incident.task_id not in stuck)
    for incident in others:
        with _alone():
            if not causes.cause_left(Run(case=incident.case, now=now, by=None), incident):
                yield incident.case_id


def examine(run: Run) -> None:
    """Open what is stuck in the case and close what is not any more, under its lock."""
    causes.settle(run)
    report_people(run)
    _report_jobs(run)
    report_challenges(run)
    _report_certificate(run)
    _report_standing_still(run)


def report_people(run: Run) -> None:
    """Open an incident for each step of the case that nobody may do."""
    found = causes.live_tasks().filter(process=run.case).defer("flow_task")
    tasks = list(found.select_related("role__unit", "owner").order_by("pk"))
    for task in tasks:
        task.process = run.case
    for one in people.standing(tasks, run.today):
        open_incident(run, kind=one.kind, detail=one.why, step_id=one.task.step_id, task=one.task)


def _report_jobs(run: Run) -> None:
    known = Incident.objects.filter(case=run.case, job_id__isnull=False).values("job_id")
    for job in unwatched_failures().filter(pk__in=jobs_of_case(run.case.pk).values("pk")).exclude(pk__in=known):
        detail = _("Un trabajo de este caso quedó sin hacer. %(error)s") % {"error": job.last_error}
        open_incident(run, kind=Kind.EFFECT, detail=detail, job_id=job.pk)


def report_challenges(run: Run) -> None:
    """Open an incident where a challenge in the case has nobody who may decide it (Ley 19.880 art. 12)."""
    why = causes.why_undecided(run)
    if why:
        open_incident(run, kind=Kind.NO_SUPERIOR, detail=why)


def _report_certificate(run: Run) -> None:
    """Open an incident where the certificate of silence is late, and tell the superior who had the complaint of it."""
    why, rules = causes.why_uncertified(run.case, run.today), run.bundle.law
    known = Incident.objects.filter(case=run.case, kind=Kind.NO_CERTIFICATE, closed_at=None)
    if not why or rules is None or rules.silence is None or known.exists():
        return
    open_incident(run, kind=Kind.NO_CERTIFICATE, detail=why)
    for member in holders(run.role(rules.silence.superior), run.today):
        messages.tell_official(run, member.person, lambda: _not_given(run.case.number, why))


def _not_given(number: str, why: str) -> Said:
    subject = _("No sale el certificado de silencio: solicitud N° %(number)s") % {"number": number}
    return Said(subject, _("La persona lo pidió y se da sin más trámite. %(why)s Haz que salga.") % {"why": why})


def _report_standing_still(run: Run) -> None:
    held = Incident.objects.filter(case=run.case, closed_at=None).exclude(kind__in=Incident.BESIDE)
    for task in causes.live_tasks().filter(process=run.case, status=STATUS.SCHEDULED):
        if causes.is_forgotten(run.case, task) and not held.filter(task=task).exists():
            detail = _("«%(step)s» quedó esperando algo que ya no está pendiente.") % {"step": task.step_title}
            open_incident(run, kind=Kind.STALLED, detail=detail, step_id=task.step_id, task=task)
    if causes.moves(run.case) or held.filter(job_id=None).exists():
        return
    last = _last_without_follower(run)
    where = _(" Lo último que terminó fue «%(step)s».") % {"step": last.step_title} if last else ""
    detail = _("El caso está abierto y no tiene ningún paso, plazo ni envío pendiente.") + where
    open_incident(run, kind=Kind.STALLED, detail=detail, step_id=last.step_id if last else "", task=last)


def _last_without_follower(run: Run) -> CaseTask | None:
    done = CaseTask.objects.filter(process=run.case, leading=None, status__in=[STATUS.DONE, STATUS.CANCELED])
    return done.exclude(flow_task_type="END").order_by("-pk").first()
