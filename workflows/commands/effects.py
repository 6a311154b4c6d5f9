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
from workflows import deadlines
from workflows.access import may_mend
from workflows.commands.desk import go_on
from workflows.commands.locking import locked
from workflows.errors import CommandRefused, NotAllowed
from workflows.incidents import open_incident, settle
from workflows.models import Incident
from workflows.nodes import StepActivation
from workflows.nodes.base import OPEN
from workflows.queries import can_retry
from workflows.reviewing import CARRY_OUT
from workflows.runtime import Run

EFFECT_DONE = "workflows.effect_done"
"""Job kind: an effect of a case was made after somebody tried it again."""
EFFECT_NAMES = {
    "notifications": gettext_lazy("un correo"),
    "signatures": gettext_lazy("un documento sellado o firmado"),
    "documents": gettext_lazy("un documento"),
    "workflows": gettext_lazy("la solicitud vinculada"),
    CARRY_OUT: gettext_lazy("lo que resolvió un recurso"),
}
"""What each room sends out, by the first word of its job kinds, or by the whole kind."""


def effect_failed(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: an effect of a case was given up; open an incident that names it."""
    if job.case_id is None:
        return {}
    with locked(job.case_id, by=None, now=now) as run:
        failed = Job.objects.get(pk=job.payload["job"])
        what = {"what": effect_name(failed), "attempts": failed.attempts, "error": failed.last_error}
        if failed.kind == CARRY_OUT:
            why = failed.last_error.partition(": ")[2]
            detail = _("No se pudo cumplir lo que resolvió un recurso. %(error)s") % {"error": why}
        else:
            detail = _("No se pudo enviar %(what)s después de %(attempts)s intentos. %(error)s") % what
        is_mail = failed.kind.startswith("notifications.")
        kind = Incident.Kind.MAIL if is_mail else Incident.Kind.EFFECT
        open_incident(run, kind=kind, detail=detail, job_id=failed.pk)
    return {}


def effect_done(job: Job, now: datetime) -> dict[str, Any]:
    """Job handler: an effect that was tried again has worked; its incident closes by itself."""
    assert job.case_id is not None
    with locked(job.case_id, by=None, now=now) as run:
        settle(run)
    return {}


def effect_name(job: Job) -> str:
    """The effect in words, for staff."""
    name = EFFECT_NAMES.get(job.kind) or EFFECT_NAMES.get(job.kind.partition(".")[0])
    return str(name or job.kind)


def retry_incident(*, incident: Incident, by: Person, now: datetime) -> None:
    """Try again what the incident stopped: the effect, or the way on. It closes once that works, not before.

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
        deadlines.rule_case_term(run)
        if run.case.finished is None or current.job_id is not None:  # a case that ended goes nowhere
            _try_again(run, current)
        settle(run)


def _try_again(run: Run, incident: Incident) -> None:
    if incident.job_id is None:
        _move_again(run, incident)
        return
    try:
        retry_job(job_id=incident.job_id, now=run.now, on_done=EFFECT_DONE)
    except NotRetryable:
        return  # somebody sent it again already; the incident waits for what comes of it


def _move_again(run: Run, incident: Incident) -> None:
    if incident.task is None:
        raise CommandRefused
    task = incident.task
    activation = StepActivation.resume(task, run)
    if task.status in OPEN:
        activation.flow_task.entered(activation)
        return
    if task.status == STATUS.CANCELED and activation.flow_task.expiry is not None:
        activation._activate_next({activation.flow_task.expiry.target._create(activation, task.token)})
        return
    go_on(run, activation, None)
