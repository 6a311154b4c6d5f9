"""Effects that failed, and incidents: seen by staff, tried again, closed only when the case moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from viewflow.workflow.status import STATUS

from accounts.models import Person
from jobs.api import NotRetryable, retry_job
from jobs.models import Job
from workflows.access import may_mend
from workflows.commands.desk import go_on
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.models import Incident
from workflows.nodes import StepActivation
from workflows.queries import can_retry
from workflows.runtime import Run

EFFECT_NAMES = {
    "notifications": gettext_lazy("un correo"),
    "signatures": gettext_lazy("un documento sellado o firmado"),
    "documents": gettext_lazy("un documento"),
    "workflows": gettext_lazy("la solicitud vinculada"),
}
"""What each room sends out, by the first word of its job kinds."""


def effect_failed(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: an effect of a case was given up; open an incident that names it."""
    if job.case_id is None:
        return {}
    with locked(job.case_id, by=None, now=now) as run:
        failed = Job.objects.get(pk=job.payload["job"])
        what = {"what": effect_name(failed), "attempts": failed.attempts, "error": failed.last_error}
        detail = _("No se pudo enviar %(what)s después de %(attempts)s intentos. %(error)s") % what
        Incident.objects.create(
            case=run.case,
            agency_id=run.case.agency_id,
            job_id=failed.pk,
            kind=Incident.Kind.EFFECT,
            detail=detail[:500],
            opened_at=now,
        )
        run.record("incident.opened", {"kind": Incident.Kind.EFFECT, "job": failed.kind})
    return {}


def effect_name(job: Job) -> str:
    """The effect in words, for staff."""
    return str(EFFECT_NAMES.get(job.kind.partition(".")[0], job.kind))


def retry_incident(*, incident: Incident, by: Person, now: datetime) -> None:
    """Try again what the incident stopped: the effect, or the way on. It closes when that works.

    Raises NotAllowed, RoutingError (the cause is still there) or CommandRefused.
    """
    with locked(incident.case_id, by=by, now=now) as run:
        if not may_mend(by, run.case, run.today):
            raise NotAllowed
        current = Incident.objects.select_related("task").get(pk=incident.pk)
        if current.closed_at is not None:
            return
        if not can_retry(current):
            raise CommandRefused(_("La firma sigue pendiente: pide a quien debe firmar que lo intente de nuevo."))
        _try_again(run, current)
        current.closed_at = now
        current.save(update_fields=["closed_at"])
        run.record("incident.closed", {"kind": current.kind, "step": current.step_id})


def _try_again(run: Run, incident: Incident) -> None:
    if incident.job_id is None:
        _move_again(run, incident)
        return
    try:
        retry_job(job_id=incident.job_id, now=run.now)
    except NotRetryable:
        return  # somebody sent it again already; if it fails, another incident opens


def _move_again(run: Run, incident: Incident) -> None:
    if incident.task is None:
        raise CommandRefused
    task = incident.task
    activation = StepActivation.resume(task, run)
    if task.status == STATUS.CANCELED and activation.flow_task.expiry is not None:
        activation._activate_next({activation.flow_task.expiry.target._create(activation, task.token)})
        return
    go_on(run, activation, None)
