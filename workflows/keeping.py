"""Until when the electronic file of a case is kept, as its procedure declares (DS 4 art. 50; D10 arts. 11, 17; R71).

Nothing deletes a file, before that day or after it: what this says is for whoever decides about the agency's archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from legaltime.api import add_months, local_date
from notifications.api import notifications_of
from procedures.api import bundle_of
from workflows.models import Case
from workflows.queries import missing_notifications


class NotYet(StrEnum):
    """Why the time has not begun: the act is not firm."""

    OPEN = "open"
    UNTOLD = "untold"
    REVIEWED = "reviewed"


@dataclass(frozen=True)
class Keeping:
    """How many years, by which norm, and the day before which it must not be removed; or why that is not known yet."""

    years: int
    source: str
    until: date | None
    not_yet: NotYet | None

    @property
    def as_data(self) -> dict[str, object]:
        """For the index of the file."""
        until = self.until.isoformat() if self.until else ""
        return {"years": self.years, "source": self.source, "until": until, "not_yet": str(self.not_yet or "")}


def keeping_of(case: Case) -> Keeping:
    """Counted from the end of the case or its last notification, whichever is later, and only once nobody appeals."""
    declared = bundle_of(case.version).ficha.retention
    waits = _not_yet(case)
    until = None if waits else add_months(_begins_on(case), 12 * declared.years)
    return Keeping(declared.years, declared.source, until, waits)


def _not_yet(case: Case) -> NotYet | None:
    if case.finished is None:
        return NotYet.OPEN
    if missing_notifications(case):
        return NotYet.UNTOLD
    return NotYet.REVIEWED if case.linked.filter(finished=None).exists() else None


def _begins_on(case: Case) -> date:
    assert case.finished is not None
    told = notifications_of(case.file).values_list("effective_on", flat=True)
    reviewed = case.linked.filter(finished__isnull=False).values_list("finished", flat=True)
    zone = case.agency.time_zone
    return max([local_date(case.finished, zone), *told, *(local_date(at, zone) for at in reviewed)])
