"""Writes about cases that do not move them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Membership, Person
from audit.api import append_to_stream
from workflows.models import Case, CaseAccess


@transaction.atomic
def record_access(*, case: Case, person: Person, membership: Membership | None, now: datetime) -> CaseAccess:
    """Note who opened a case's file, for the file's own access log (DS4 art. 49, R40)."""
    append_to_stream(
        stream=f"reads:{case.agency_id}",
        kind="case.read",
        actor=f"person:{person.pk}",
        at=now,
        body={"case": case.ref, "as": "official" if membership else "citizen"},
    )
    return CaseAccess.objects.create(case=case, person=person, membership=membership, at=now)
