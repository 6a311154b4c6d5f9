"""Who acted for an interested person before: what was notified to them then reached the person (Ley 19.880 art. 22)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from notifications.models import NotificationRecord
from workflows.models import CaseParty, PastRepresentation


def remember(party: CaseParty, now: datetime) -> None:
    """Keep that who represents an interested person did so until now: to be called before somebody else does."""
    if party.representative_id is not None:
        PastRepresentation.objects.create(party=party, person_id=party.representative_id, ended_at=now)


def told_to(party: CaseParty, records: Iterable[NotificationRecord]) -> list[NotificationRecord]:
    """Of these notifications, those that reached an interested person, the first ones first.

    They were made to the person or to who represents them, or to who did at that moment: the term that began then goes
    on though the power ended.
    """
    now_here = {party.person_id, party.representative_id}
    before = [(one.person_id, one.ended_at) for one in party.past_representations.all()]
    return sorted(
        (
            record
            for record in records
            if record.person_id in now_here
            or any(record.person_id == person and record.occurred_at <= until for person, until in before)
        ),
        key=lambda record: record.pk,
    )
