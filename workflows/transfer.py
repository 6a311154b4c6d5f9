"""The electronic file leaving as one ZIP: for the person, their own copy; for the agency, a transfer (R62)."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from accounts.api import run_of
from accounts.models import Person
from audit.api import canonical_bytes
from audit.models import Event
from documents.api import Actor, export_file, export_name, record_access
from documents.models import DocumentAccess
from workflows.access import filed_by
from workflows.models import Case, CaseAccess

INTERESTED, CITIZEN = 2, 1
"""Lists L5 and L6 of the metadata guide."""


def copy_for_person(case: Case, *, person: Person, now: datetime) -> HttpResponse:
    """All that entered the file, for whom it is about. Each document counts as opened (R40).

    Another interested person gets marked copies of the identity papers of whoever filed.
    """
    is_own = filed_by(case, person)
    return _response(case, person=person, through="citizen", annexes={}, now=now, marked=not is_own)


def copy_for_agency(case: Case, *, person: Person, now: datetime) -> HttpResponse:
    """The same with its traceability and who had access to it, to hand over to another body."""
    annexes = {"trazabilidad.json": _events(case), "accesos.json": _accesses(case)}
    return _response(case, person=person, through="desk", annexes=annexes, now=now)


def _response(
    case: Case, *, person: Person, through: str, annexes: dict[str, bytes], now: datetime, marked: bool = False
) -> HttpResponse:
    parties = case.parties.select_related("person")
    actors = [Actor(INTERESTED, CITIZEN, run=run_of(party.person)) for party in parties if party.person]
    for item in case.file.items.select_related("document"):
        record_access(document=item.document, person=person, through=through, now=now)
    with export_file(case.file, now=now, actors=actors, annexes=annexes, marked=marked) as archive:
        response = HttpResponse(archive.read(), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, export_name(case.file)) or ""
    response["Cache-Control"] = "no-store, private"
    return response


def _events(case: Case) -> bytes:
    """The chain of the case as it was recorded: whoever receives it can count the hashes again."""
    events = Event.objects.filter(stream=f"case:{case.ref}").order_by("seq")
    return canonical_bytes(
        [
            {
                "seq": event.seq,
                "kind": event.kind,
                "at": event.at.isoformat(),
                "actor": event.actor,
                "body": bytes(event.body).decode(),
                "hash": bytes(event.hash).hex(),
            }
            for event in events
        ]
    )


def _accesses(case: Case) -> bytes:
    cases = CaseAccess.objects.filter(case=case).select_related("person").order_by("at")
    documents = DocumentAccess.objects.filter(document__file=case.file).select_related("person").order_by("at")
    return canonical_bytes(
        [
            *({"at": one.at.isoformat(), "person": str(one.person), "what": "expediente"} for one in cases),
            *(
                {"at": one.at.isoformat(), "person": str(one.person or ""), "what": f"documento {one.document_id}"}
                for one in documents
            ),
        ]
    )
