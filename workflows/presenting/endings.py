"""How a case ended, as whoever applied reads it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import capfirst

from procedures.api import EndStep, bundle_of
from workflows.models import Case, CaseTask
from workflows.presenting.language import step_name


def ending(case: Case, tasks: Sequence[CaseTask]) -> str:
    """How the case ended, as its procedure calls that end; where none of its ends was reached, the outcome itself."""
    bundle, ends = bundle_of(case.version), [task for task in tasks if task.step_kind == "end"]
    end = bundle.step(ends[-1].step_id) if ends and bundle.has_step(ends[-1].step_id) else None
    if isinstance(end, EndStep) and end.outcome == case.outcome:
        return step_name(ends[-1], case.version)
    return capfirst(str(case.get_outcome_display()))
