"""The electronic file leaving as one ZIP: for the person, their own copy; for the agency, a transfer (R62)."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from accounts.api import run_of
from accounts.models import Person
from audit.api import canonical_bytes
from audit.models import Event
from documents.api import Actor, export_file, export_name, record_access
from documents.models import DocumentAccess
from legaltime.api import local_date
from workflows import operations
from workflows.access import filed_by, official_cases
from workflows.joinders import nested_in
from workflows.keeping import keeping_of
from workflows.models import Case, CaseAccess, Exchange
from workflows.models.cases import RESERVED
from workflows.queries import membership_in
from workflows.separation import is_party
from workflows.withholding import reserved_people, withheld

INTERESTED, CITIZEN = 2, 1
"""Lists L5 and L6 of the metadata guide."""


def copy_for_person(case: Case, *, person: Person, now: datetime) -> HttpResponse:
    """All that entered the file, for whom it is about. Each document counts as opened (R40).

    Another interested person gets marked copies of the identity papers of whoever filed.
    """
    is_own = filed_by(case, person)
    annexes = {"intercambios.json": _exchanges(case, person)} if is_own else {}
    return _response(case, person=person, through="citizen", annexes=annexes, now=now, marked=not is_own)


def copy_for_agency(case: Case, *, person: Person, now: datetime) -> HttpResponse:
    """The same with its traceability, who had access to it and the files nested in it, for another body."""
    return _response(case, person=person, through="desk", annexes=_annexes(case, person, now), now=now)


def _annexes(case: Case, person: Person, now: datetime) -> dict[str, bytes]:
    """Traceability, accesses, exchanges, and the file of each case joined to this one (D10 23) that they may open."""
    nested = {
        f"acumulados/{export_name(other.file)}": _nested(other, person, now)
        for other in nested_in(case).filter(pk__in=official_cases(person, _today(case, now)))
        if not is_party(other, person, _today(other, now))
    }
    return {
        "trazabilidad.json": _events(case),
        "accesos.json": _accesses(case),
        "intercambios.json": _exchanges(case, person),
        **nested,
    }


def _nested(case: Case, person: Person, now: datetime) -> bytes:
    """The file of a joined case inside that of the older one: it was opened too (R40, R44)."""
    post = membership_in(case, person, _today(case, now))
    operations.record_access(case=case, person=person, membership=post, now=now)
    return copy_for_agency(case, person=person, now=now).content


def _today(case: Case, now: datetime) -> date:
    return local_date(now, case.agency.time_zone)


def _response(
    case: Case, *, person: Person, through: str, annexes: dict[str, bytes], now: datetime, marked: bool = False
) -> HttpResponse:
    parties = case.parties.filter(is_reserved=False).select_related("person")
    actors = [Actor(INTERESTED, CITIZEN, run=run_of(party.person)) for party in parties if party.person]
    kept_back = withheld(case, person) if through == "citizen" else []
    for item in case.file.items.exclude(document__in=kept_back).select_related("document"):
        record_access(document=item.document, person=person, through=through, now=now)
    nested = [] if through == "citizen" else nested_in(case).values_list("file__iuie", flat=True)
    made = export_file(
        case.file,
        now=now,
        actors=actors,
        annexes=annexes,
        nested=nested,
        conservation=keeping_of(case).as_data,
        marked=marked,
        withheld=kept_back,
    )
    with made as archive:
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


def _exchanges(case: Case, reader: Person) -> bytes:
    """What was asked of other bodies, which the person may read too (D10 19; DS 12 of 2023, art. 9)."""
    reserved = reserved_people(case) - {reader.pk}
    found = case.exchanges.select_related("agency", "official", "subject", "authorised_by").order_by("pk")
    return canonical_bytes([_exchange(one, reserved) for one in found])


def _exchange(one: Exchange, reserved: set[int]) -> dict[str, object]:
    given = one.authorised_by
    return {
        "trace": str(one.trace),
        "kind": one.kind,
        "consumer": one.agency.name,
        "consumer_code": one.agency.body_code or one.agency.code,
        "provider": one.addressee,
        "provider_code": one.addressee_code,
        "service": one.service,
        "sought": one.sought,
        "official": str(one.official or ""),
        "asked_at": one.asked_at.isoformat(),
        "due_on": one.due_on.isoformat() if one.due_on else "",
        "answered_at": one.answered_at.isoformat() if one.answered_at else "",
        "result": one.result,
        "sensitive": one.is_sensitive,
        "subject_run": run_of(one.subject) if one.subject and one.subject_id not in reserved else "",
        "authorisation": given.presentation_sha256 if given else "",
    }


def _accesses(case: Case) -> bytes:
    cases = CaseAccess.objects.filter(case=case).select_related("person").order_by("at")
    documents = DocumentAccess.objects.filter(document__file=case.file).select_related("person").order_by("at")
    reserved = reserved_people(case)
    return canonical_bytes(
        [
            *(
                {
                    "at": one.at.isoformat(),
                    "person": RESERVED if one.person_id in reserved else str(one.person),
                    "what": "expediente",
                }
                for one in cases
            ),
            *(
                {
                    "at": one.at.isoformat(),
                    "person": RESERVED if one.person_id in reserved else str(one.person or ""),
                    "what": f"documento {one.document_id}",
                }
                for one in documents
            ),
        ]
    )
