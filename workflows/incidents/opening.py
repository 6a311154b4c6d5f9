"""The row of an incident, written under the case's lock."""

from __future__ import annotations

from legaltime.api import add_business_days
from workflows.models import CaseTask, Incident
from workflows.runtime import Run

SOLVED_WITHIN = 2
"""Business days in which an incident should be solved. A goal of the engine: no norm gives one."""


def open_incident(
    run: Run, *, kind: str, detail: str, step_id: str = "", task: CaseTask | None = None, job_id: int | None = None
) -> Incident:
    """Open an incident on the case, or tell anew the open one about the same cause."""
    same = Incident.objects.filter(case=run.case, kind=kind, task=task, job_id=job_id, closed_at=None).first()
    if same is not None:
        same.detail = detail[:500]
        same.save(update_fields=["detail"])
        return same
    run.record("incident.opened", {"kind": kind, "step": step_id})
    return Incident.objects.create(
        case=run.case,
        agency_id=run.case.agency_id,
        task=task,
        job_id=job_id,
        kind=kind,
        step_id=step_id,
        detail=detail[:500],
        opened_at=run.now,
        due_on=add_business_days(run.today, SOLVED_WITHIN, run.place),
    )
