"""From the request to the signed, closed document, through the job table."""

from accounts.models import Agency
from documents.api import read_blob
from documents.models import Document
from jobs.api import drain
from legaltime.api import now as clock_now
from signatures import trust
from signatures.analysis import read_signatures
from signatures.api import (
    seal_document,
)
from tests.documents.makers import decree, new_document


def found_on(document: Document) -> list[str]:
    assert document.blob is not None
    return [item.field for item in read_signatures(read_blob(document.blob), trust.roots()) if item.is_sound]


def test_a_decree_carries_the_seal_and_both_signatures_and_is_in_force(signed_decree: Document) -> None:
    assert signed_decree.state == Document.State.IN_FORCE
    assert signed_decree.blob is not None
    assert signed_decree.sha256 == signed_decree.blob.sha256
    assert signed_decree.pages == 1
    assert found_on(signed_decree) == ["Sello", "Firma1", "Firma2"]


def test_a_certificate_is_sealed_and_closed_in_one_signature(agency: Agency) -> None:
    document = new_document(agency, required_signature="seal", content=decree(signers=()))
    seal_document(document=document, case_id=None, on_done="", on_dead="", now=clock_now())
    drain()
    document.refresh_from_db()
    assert document.state == Document.State.IN_FORCE
    assert found_on(document) == ["Sello"]
