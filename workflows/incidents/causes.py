"""Whether what opened an incident is still there: read from the tasks and jobs of the case, never from words."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from viewflow.workflow.status import STATUS

from jobs.api import jobs_of_case
from jobs.models import Job
from workflows import certifying
from workflows.incidents.people import why_nobody_can
from workflows.models import Case, CaseTask, Incident
from workflows.nodes.base import OPEN, PAUSED
from workflows.reviewing import CARRY_OUT
from workflows.runtime import Run
from workflows.separation import undecidable

Kind = Incident.Kind
OVER = (Job.State.DONE, Job.State.CANCELLED)
GIVEN_UP = (Job.State.DEAD, Job.State.BLOCKED)
ENGINE_KINDS = ("seal", "service", "subcase", "wait")
"""Steps that no official finishes by a form: a job, a timer or another case brings them on."""
CLOCKS = (
    "workflows.deadline",
    "workflows.deadline_warning",
    "workflows.note_outage",
    "workflows.recount_clocks",
    "workflows.look_at_case",
    "workflows.tell_of_challenge",
    "workflows.linked_late",
    "workflows.not_awaited",
)
"""Jobs that move no case by themselves: a clock acts only on a step that is open."""


def cause_left(run: Run, incident: Incident) -> str:
    """Why the case is still stuck, in words for staff; "" once the cause is gone."""
    task = incident.task
    if incident.kind == Kind.NO_SUPERIOR:
        return why_undecided(run)
    if incident.kind == Kind.NO_CERTIFICATE:
        return why_uncertified(run.case, run.today)
    if incident.kind == Kind.BASIS:
        return _("Nadie ha dicho todavía qué se hizo con lo que esta solicitud tomó de ahí.")
    if task is None:
        return _stalled(run.case) if incident.kind == Kind.STALLED else _job_left(incident)
    if run.case.finished is not None or task.status == PAUSED:
        return ""
    if task.status in OPEN:
        task.process = run.case
        return _open_task_left(run, incident, task)
    if has_led_on(run, task):
        return ""
    return _("El caso sigue detenido después de «%(step)s».") % {"step": task.step_title}


def settle(run: Run) -> int:
    """Close the open incidents of the case whose cause is gone; how many."""
    closed = 0
    for incident in Incident.objects.filter(case=run.case, closed_at=None).select_related("task__owner"):
        if not cause_left(run, incident):
            incident.closed_at = run.now
            incident.save(update_fields=["closed_at"])
            run.record("incident.closed", {"kind": incident.kind, "step": incident.step_id})
            closed += 1
    return closed


def _job_left(incident: Incident) -> str:
    job = Job.objects.filter(pk=incident.job_id or 0).first()
    if job is None or job.state in OVER:
        return ""
    if job.kind == CARRY_OUT:
        return _("Lo que resolvió el recurso todavía no se cumple.")
    if job.state in GIVEN_UP:
        return _("El envío sigue sin salir. Inténtalo de nuevo.")
    return _("Se está intentando de nuevo. El incidente se cierra solo cuando resulte.")


def _open_task_left(run: Run, incident: Incident, task: CaseTask) -> str:
    if incident.kind == Kind.NO_RESPONSIBLE:
        return why_nobody_can(task, run.today)
    if incident.kind == Kind.STALLED:
        return why_nobody_can(task, run.today, Kind.STALLED) or _without_job(run.case, task)
    return _("El paso «%(step)s» sigue esperando.") % {"step": task.step_title}


def _stalled(case: Case) -> str:
    return "" if moves(case) else _("El caso no tiene ningún paso, plazo ni envío que lo haga avanzar.")


def _without_job(case: Case, task: CaseTask) -> str:
    waits = _("El paso «%(step)s» espera, pero ningún trabajo pendiente lo hará avanzar.") % {"step": task.step_title}
    return waits if is_forgotten(case, task) else ""


def moves(case: Case) -> bool:
    """Whether the case ended, or some step, timer, job, wait or the case it was joined to will bring it on."""
    if case.finished is not None or case.joined_to_id is not None:
        return True
    return live_tasks().filter(process=case).exists() or _live_jobs(case).exists()


def live_tasks() -> QuerySet[CaseTask]:
    """Steps that wait for somebody or something. A join waits for other steps, so it counts for nothing here."""
    return CaseTask.objects.filter(status__in=OPEN).exclude(flow_task_type="JOIN")


def _live_jobs(case: Case) -> QuerySet[Job]:
    return (
        jobs_of_case(case.pk)
        .filter(kind__startswith="workflows.")
        .exclude(kind__in=CLOCKS)
        .filter(run_at__isnull=False)
    )


def is_forgotten(case: Case, task: CaseTask) -> bool:
    """Whether a step of the engine waits for a job that does not exist any more."""
    if task.status != STATUS.SCHEDULED or task.step_kind not in ENGINE_KINDS:
        return False
    if task.step_kind == "wait" and task.role_id is not None:
        return False
    if case.links.filter(task=task, child__finished=None, child__isnull=False).exists():
        return False
    return not that_bring_on(jobs_of_case(case.pk), seals=task.step_kind == "seal").exists()


def that_bring_on(jobs: QuerySet[Job], *, seals: bool) -> QuerySet[Job]:
    """Those of these jobs that may still bring a step of the engine on; `seals`: also those that sign documents."""
    own = Q(kind__startswith="workflows.")
    rooms = own | Q(kind__startswith="signatures.") if seals else own
    return jobs.filter(rooms).exclude(kind__in=CLOCKS).exclude(state__in=[*OVER, Job.State.DEAD])


def has_led_on(run: Run, task: CaseTask) -> bool:
    """Whether a finished step was followed by another, also within this command."""
    return any(led == task.pk for _follower, led in run.links) or task.leading.exists()


def why_undecided(run: Run) -> str:
    """Why a challenge in the case stays without an answer; "" when each has somebody who may decide it."""
    if not undecidable(run.case, run.today):
        return ""
    return _(
        "Nadie puede resolver una recusación: quienes podrían no están en su cargo, son parte en el caso, se "
        "abstuvieron o están recusados."
    )


def why_uncertified(case: Case, on: date) -> str:
    """That the certificate of silence which the person asked for is late; "" where it is not, or nobody asked."""
    asked = certifying.asked(case)
    if asked is None or on <= asked.due_on:
        return ""
    words = {"step": asked.task.step_title, "due": date_format(asked.due_on, "SHORT_DATE_FORMAT")}
    return _("Debió salir a más tardar el %(due)s y sigue en «%(step)s» (Ley 19.880, arts. 24 y 64 a 66).") % words
