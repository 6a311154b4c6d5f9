"""What the end of a case closes besides the case: its file, its term and what others were asked."""

from __future__ import annotations

from documents.api import close_file
from workflows.deadlines import STILL_OPEN
from workflows.models import Deadline
from workflows.needless import close_exchanges
from workflows.runtime import Run


def close_case(run: Run) -> None:
    """Close the electronic file, the clocks that still run and what nobody answered; record the outcome (R16)."""
    close_file(file_id=run.case.file_id, now=run.now)
    Deadline.objects.filter(case_id=run.case.pk, state__in=STILL_OPEN).update(
        state=Deadline.State.MET, closed_at=run.now
    )
    close_exchanges(run)
    run.record("case.ended", {"outcome": run.case.outcome})
