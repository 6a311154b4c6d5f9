"""From the request to the signed, closed document, through the job table."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import Agency, Person
from documents.api import document_metadata, read_blob
from documents.models import Document
from jobs.api import Job, drain, run_job
from jobs.crash_points import set_observer
from legaltime.api import now as clock_now
from signatures import backends, keystore, trust
from signatures.analysis import read_signatures
from signatures.api import (
    AlreadySigned,
    EarlierSignatureMissing,
    SignatureUnderWay,
    WrongSignatureKind,
    failure_of,
    seal_document,
)
from signatures.models import SignatureRequest
from tests.documents.makers import decree, new_document
from tests.signatures.conftest import Ask

State = SignatureRequest.State


def fields_on(document: Document) -> list[str]:
    """The fields with a sound signature, as an independent reading finds them."""
    document.refresh_from_db()
    assert document.blob is not None
    found = read_signatures(read_blob(document.blob), trust.roots(), now=clock_now())
    return [item.field for item in found if item.is_sound]


def sealed(agency: Agency) -> Document:
    document = new_document(agency, required_signature="seal", content=decree(signers=()))
    seal_document(document=document, case_id=None, on_done="", on_dead="", now=clock_now())
    return document


def states(document: Document) -> list[str]:
    return list(document.signature_requests.order_by("order").values_list("state", flat=True))


def test_a_decree_carries_the_seal_and_both_signatures_and_is_in_force(signed_decree: Document) -> None:
    assert signed_decree.state == Document.State.IN_FORCE
    assert signed_decree.blob is not None
    assert signed_decree.sha256 == signed_decree.blob.sha256
    assert signed_decree.pages == 1
    assert signed_decree.toolchain["weasyprint"]
    assert fields_on(signed_decree) == ["Sello", "Firma1", "Firma2"]


def test_a_certificate_is_sealed_and_closed_in_one_signature(agency: Agency) -> None:
    document = sealed(agency)
    drain()
    assert fields_on(document) == ["Sello"]
    assert document.state == Document.State.IN_FORCE


def test_until_the_last_signature_the_act_is_not_in_force(agency: Agency, carla: Person, ask: Ask) -> None:
    """R64: the act cannot become effective without the signatures that its definition asks for."""
    document = new_document(agency)
    ask(document, carla, 1)
    drain()
    document.refresh_from_db()
    assert document.state == Document.State.ISSUING
    assert document.blob is None


def test_an_act_that_asks_for_an_advanced_signature_refuses_less(agency: Agency, carla: Person, ask: Ask) -> None:
    """R64."""
    document = new_document(agency)
    with pytest.raises(WrongSignatureKind):
        ask(document, carla, 1, kind="simple")
    with pytest.raises(WrongSignatureKind):
        seal_document(document=document, case_id=None, on_done="", on_dead="", now=clock_now())
    assert not Job.objects.exists()


def test_a_simple_signature_is_sealed_by_the_institution(agency: Agency, carla: Person, ask: Ask) -> None:
    document = new_document(agency, required_signature="simple")
    request = ask(document, carla, 1, kind="simple", total=1)
    drain()
    request.refresh_from_db()
    assert fields_on(document) == ["Sello", "Firma1"]
    assert "Municipalidad de Ejemplo" in request.certificate_subject


def test_the_facts_of_each_signature_are_kept(signed_decree: Document) -> None:
    """R65: kind, provider, signer, RUN, and that a demonstration is never advanced."""
    _, first, second = signed_decree.signature_requests.order_by("order")
    assert (first.kind, first.level, first.has_timestamp) == ("advanced", "B-B", False)
    assert first.provider == "CA de demostración"
    assert first.is_demonstration
    assert first.certificate_sha256 != second.certificate_sha256
    metadata = document_metadata(signed_decree)
    assert metadata["MGDDE8_3"] == 2
    assert metadata["MGDDE84_1"][1] == "Carla Muñoz, Alcaldesa"
    assert metadata["MGDDE84_2"][1] == "33333333-3"


def test_the_certificate_names_the_run_of_the_signer(signed_decree: Document) -> None:
    assert signed_decree.blob is not None
    found = read_signatures(read_blob(signed_decree.blob), trust.roots(), trust.demo_root(), now=clock_now())
    assert [item.run for item in found] == ["69000001-6", "33333333-3", "22222222-2"]
    assert all(item.demonstration for item in found)
    assert all("DEMOSTRACIÓN" in item.holder for item in found)


def test_without_the_demonstrations_root_its_signatures_are_not_trusted(
    signed_decree: Document, settings: Settings
) -> None:
    settings.DEMO = False
    assert trust.roots() == []
    assert fields_on(signed_decree) == []


def test_the_second_signer_waits_for_the_first(agency: Agency, beto: Person, ask: Ask) -> None:
    with pytest.raises(EarlierSignatureMissing):
        ask(new_document(agency), beto, 2)


def test_one_signature_at_a_time_and_each_only_once(agency: Agency, carla: Person, ask: Ask) -> None:
    document = new_document(agency)
    ask(document, carla, 1)
    with pytest.raises(SignatureUnderWay):
        ask(document, carla, 1)
    drain()
    with pytest.raises(AlreadySigned):
        ask(document, carla, 1)


def test_the_follow_up_job_learns_that_the_document_is_closed(agency: Agency) -> None:
    document = new_document(agency, required_signature="seal")
    seal_document(document=document, case_id=None, on_done="tests.done", on_dead="", now=clock_now())
    drain()
    follow_up = Job.objects.get(kind="tests.done")
    assert follow_up.payload["result"]["closed"] is True
    assert follow_up.payload["result"]["document"] == document.pk


class Killed(BaseException):
    """The worker's process ends here."""


@pytest.mark.parametrize("point", ["claimed", "called", "finishing"])
@pytest.mark.parametrize("kind", ["signatures.prepare", "signatures.apply"])
def test_a_process_that_dies_at_any_point_leaves_work_that_another_one_finishes(
    agency: Agency, kind: str, point: str
) -> None:
    document = sealed(agency)
    died: list[int] = []

    def kill(reached: str, job_id: int) -> None:
        if reached == point and not died and Job.objects.get(pk=job_id).kind == kind:
            died.append(job_id)
            raise Killed

    set_observer(kill)
    try:
        with pytest.raises(Killed):
            drain()
    finally:
        set_observer(None)
    for cached in (keystore._loaded, backends._signer, backends.backend):
        cached.cache_clear()  # another process knows nothing of this one
    drain(now=clock_now() + timedelta(hours=1))
    assert died
    assert fields_on(document) == ["Sello"]
    assert states(document) == [State.SIGNED]


def test_a_damaged_key_is_tried_again_then_shown_and_can_be_mended(
    agency: Agency, carla: Person, ask: Ask, settings: Settings
) -> None:
    document = new_document(agency)
    key = Path(settings.KEYS_DIR) / "signing" / f"person-{carla.pk}"
    key.parent.mkdir(parents=True)
    key.write_bytes(b"not a key")
    ask(document, carla, 1, on_dead="tests.dead")
    for hours in range(1, 400):
        drain(now=clock_now() + timedelta(hours=hours))
        if Job.objects.filter(kind="tests.dead").exists():
            break
    assert states(document) == [State.SIGNED, State.FAILED]
    assert failure_of(document)
    assert Job.objects.get(kind="tests.dead").payload["payload"]["document"] == document.pk
    key.unlink()
    ask(document, carla, 1)
    drain()
    assert states(document) == [State.SIGNED, State.SIGNED]


def test_an_installation_without_keys_blocks_the_job_until_there_is_one(agency: Agency, settings: Settings) -> None:
    document = sealed(agency)
    settings.DEMO = False
    drain()
    blocked = Job.objects.get(state=Job.State.BLOCKED)
    assert blocked.kind == "signatures.apply"
    assert "certificado" in blocked.last_error
    assert states(document) == [State.PREPARED]


def test_a_prepared_revision_that_changed_on_disk_is_not_signed(agency: Agency) -> None:
    document = sealed(agency)
    run_job(Job.objects.get(kind="signatures.prepare").pk)
    SignatureRequest.objects.update(digest="0" * 64)
    run_job(Job.objects.get(kind="signatures.apply").pk)
    assert Job.objects.get(kind="signatures.apply").state == Job.State.DEAD
    assert states(document) == [State.FAILED]


def test_another_revision_in_between_makes_the_prepared_one_useless(agency: Agency) -> None:
    document = sealed(agency)
    run_job(Job.objects.get(kind="signatures.prepare").pk)
    request = SignatureRequest.objects.get()
    request.prepared["base"] = "0" * 64
    request.save()
    run_job(Job.objects.get(kind="signatures.apply").pk)
    assert states(document) == [State.PREPARED]
    assert "cambió" in Job.objects.get(kind="signatures.apply").last_error


def test_a_content_that_cannot_be_rendered_fails_at_once_and_says_why(agency: Agency) -> None:
    document = sealed(agency)
    content = {**document.content, "created_at": None}
    Document.objects.filter(pk=document.pk).update(content=content)
    drain()
    assert states(document) == [State.FAILED]
    assert "fecha" in failure_of(document)


def test_other_programs_accept_the_file(signed_decree: Document, tmp_path: Path) -> None:
    assert signed_decree.blob is not None
    path = tmp_path / "decreto.pdf"
    path.write_bytes(read_blob(signed_decree.blob))
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    report = subprocess.run(["pdfsig", path], capture_output=True, text=True).stdout
    assert report.count("Signature is Valid") == 3
    assert "Total document signed" in report


def test_signing_again_from_the_same_content_shows_the_same_pages(agency: Agency) -> None:
    """What is signed is the deterministic rendering: its bytes are the beginning of the signed file."""
    document = sealed(agency)
    drain()
    document.refresh_from_db()
    assert document.rendered is not None
    assert document.blob is not None
    assert read_blob(document.blob).startswith(read_blob(document.rendered))
