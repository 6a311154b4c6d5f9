"""Order of entry: cases of the same procedure and step are dispatched strictly as they came (art. 7, R21)."""

from __future__ import annotations

from django.db.models import QuerySet

from workflows.models import CaseTask


def older_ready(task: CaseTask) -> QuerySet[CaseTask]:
    """Tasks nobody has taken, of the same offering, step and role, whose case entered before."""
    return CaseTask.objects.filter(
        status="NEW",
        role=task.role,
        step_id=task.step_id,
        process__offering_id=task.process.offering_id,
        filed_at__lt=task.filed_at,
    )
