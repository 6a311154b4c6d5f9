"""What the end of a case closes besides the case: its file and its term."""

from __future__ import annotations

from documents.api import close_file
from workflows.models import Deadline
from workflows.runtime import Run


def close_case(run: Run) -> None:
    """Close the electronic file and the clocks that still run; record the outcome (R16)."""
    close_file(file=run.case.file, now=run.now)
    still_open = [Deadline.State.WAITING, Deadline.State.RUNNING]
    run.case.deadlines.filter(state__in=still_open).update(state=Deadline.State.MET, closed_at=run.now)
    run.record("case.ended", {"outcome": run.case.outcome})
