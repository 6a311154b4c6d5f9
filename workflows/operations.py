"""Writes about cases that do not move them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zlib import crc32

from django.db import transaction

from accounts.api import person_by_run
from accounts.models import Membership, Person
from audit.api import append_to_stream
from workflows.models import Case, CaseAccess
from workflows.searching import Sought

READ_CHAINS = 64
"""Chains of reads of an agency: two pages wait for each other only when their cases share one."""


@transaction.atomic
def record_access(
    *, case: Case, person: Person, membership: Membership | None, now: datetime, is_listed: bool = False
) -> CaseAccess:
    """Note who opened a case's file, for the file's own access log (DS4 art. 49, R40).

    `is_listed`: something of it stood on a page with others, which leaves what is new in it unread.
    """
    access = CaseAccess.objects.create(case=case, person=person, membership=membership, at=now, is_listed=is_listed)
    append_to_stream(
        stream=reads_stream(case),
        kind="case.read",
        actor=f"person:{person.pk}",
        at=now,
        body={"case": case.ref, "as": "official" if membership else "citizen"},
    )
    return access


def reads_stream(case: Case) -> str:
    """The chain that tells who opened this case: one of READ_CHAINS of its agency (docs/decisions/0005)."""
    return f"reads:{case.agency_id}:{crc32(case.ref.encode()) % READ_CHAINS:02d}"


@transaction.atomic
def record_search(*, sought: Sought, by: Person, agency_ids: Iterable[int], now: datetime) -> None:
    """Note that an official looked for somebody among the cases of these agencies (DS4 art. 49, R40).

    Whom they looked for by RUN stands as a reference where it is known here; a name can be erased from the log.
    """
    meant = person_by_run(sought.run) if sought.run else None
    for agency_id in sorted(set(agency_ids)):
        append_to_stream(
            stream=f"searches:{agency_id}",
            kind="cases.searched",
            actor=f"person:{by.pk}",
            at=now,
            body={"by": "run" if sought.run else "name", "person": meant.pk if meant else None},
            personal={"name": sought.text} if sought.words else None,
        )
