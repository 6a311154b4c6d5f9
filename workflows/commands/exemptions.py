"""A person goes back to electronic means: their exemption ends (DS4 art. 28)."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person
from workflows import exemptions
from workflows.commands.locking import locked
from workflows.errors import NotAllowed
from workflows.models import Exemption


def end_exemption(*, exemption_id: int, by: Person, now: datetime) -> Exemption:
    """Put an end to the person's own exemption; what was notified or filed under it stays valid.

    Raises NotAllowed when they hold none with that id.
    """
    granted = Exemption.objects.filter(pk=exemption_id, person=by, state=Exemption.State.GRANTED)
    found = granted.select_related("agency", "case").first()
    if found is None:
        raise NotAllowed
    with locked(found.case_id, by=by, now=now) as run:
        current = granted.select_related("agency").first()
        if current is None:
            raise NotAllowed
        exemptions.end(exemption=current, run=run)
    return current
