"""PAdES B-LTA: a stamp in each signature, the proof inside the document, and a stamp over it all that is renewed."""

import re
import subprocess
from datetime import timedelta
from http.server import ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import time_machine
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pytest_django import Settings

from accounts.models import Agency, Person
from documents.api import read_blob
from documents.models import Document
from jobs.api import Job, drain, resume_blocked
from legaltime.api import now as clock_now
from signatures import backends, keystore, trust
from signatures.analysis import Unreadable, read_signatures
from signatures.api import seal_document, waiting_for
from signatures.models import IssuedRevision
from signatures.queries import expected_signatures
from signatures.report import report
from signatures.rules import FoundSignature, Verdict, lowest_level, signatures_hold
from signatures.verification import verify_file
from tests.documents.makers import decree, new_document
from tests.signatures.attacks import ARCHIVAL_ATTACKS, ATTACKS


def sealed(agency: Agency) -> Document:
    document = new_document(agency, required_signature="seal", content=decree(signers=()))
    seal_document(document=document, case_id=None, on_done="tests.done", on_dead="", now=clock_now())
    drain()
    document.refresh_from_db()
    return document


def pdf_of(document: Document) -> bytes:
    document.refresh_from_db()
    assert document.blob is not None
    return read_blob(document.blob)


def found_in(document: Document) -> list[FoundSignature]:
    return read_signatures(pdf_of(document), trust.roots(), trust.demo_root(), now=clock_now())


def test_a_decree_closes_with_its_proof_inside_and_the_stamp_last(
    provider: ThreadingHTTPServer, signed_decree: Document
) -> None:
    """Its signatures are proved offline by what the file carries; the document time stamp covers every byte."""
    found = found_in(signed_decree)
    assert [item.field for item in found] == ["Sello", "Firma1", "Firma2", "SelloDeTiempo1"]
    assert [item.level for item in found] == ["B-LTA", "B-LTA", "B-LTA", ""]
    assert all(item.is_sound for item in found)
    assert found[-1].is_timestamp
    assert found[-1].covers_file
    assert set(signed_decree.signature_requests.values_list("level", flat=True)) == {"B-LTA"}
    assert signed_decree.state == Document.State.IN_FORCE
    assert signed_decree.signature_requests.get(order=2).revocation == "good"


def test_the_follow_up_waits_for_the_closing_stamp(provider: ThreadingHTTPServer, agency: Agency) -> None:
    document = sealed(agency)
    follow_up = Job.objects.get(kind="tests.done")
    assert follow_up.payload["result"] == {
        "request": document.signature_requests.get().pk,
        "document": document.pk,
        "closed": True,
    }
    assert IssuedRevision.objects.get().blob_id == document.blob_id


def test_openssl_pdfsig_and_qpdf_agree(provider: ThreadingHTTPServer, signed_decree: Document, tmp_path: Path) -> None:
    """Programs that we did not write: the signatures, the stamp over the document, and the file itself."""
    pdf, path = pdf_of(signed_decree), tmp_path / "decreto.pdf"
    path.write_bytes(pdf)
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    shown = subprocess.run(["pdfsig", path], capture_output=True, text=True).stdout
    assert shown.count("Signature is Valid") == 3
    root = tmp_path / "root.pem"
    root.write_bytes(keystore.demo_authority(clock_now()).chain[-1].public_bytes(Encoding.PEM))
    for item in PdfFileReader(BytesIO(pdf)).embedded_signatures:
        first, length, second, rest = item.byte_range
        (tmp_path / "covered").write_bytes(pdf[first : first + length] + pdf[second : second + rest])
        (tmp_path / "cms").write_bytes(item.pkcs7_content)
        cms = ["cms", "-verify", "-cades", "-content", "covered", "-out", "out", "-purpose", "any"]
        stamp = ["ts", "-verify", "-token_in", "-data", "covered"]
        chosen = stamp if item.field_name.startswith("SelloDeTiempo") else [*cms, "-inform", "DER", "-binary"]
        done = subprocess.run(
            ["openssl", *chosen, "-in", "cms", "-CAfile", root], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, (item.field_name, done.stderr)


def test_a_revoked_certificate_signs_nothing_until_there_is_another(
    provider: ThreadingHTTPServer, agency: Agency
) -> None:
    keystore.revoke(keystore.seal_of(agency, clock_now()), clock_now())
    document = sealed(agency)
    blocked = Job.objects.get(state=Job.State.BLOCKED)
    assert blocked.kind == "signatures.apply"
    assert "revocado" in blocked.last_error
    assert document.state == Document.State.ISSUING
    (Path(keystore._path(f"agency-{agency.pk}"))).unlink()
    resume_blocked("signatures.apply", clock_now())
    drain()
    assert found_in(document)[0].level == "B-LTA"


def test_a_revocation_that_nobody_can_tell_of_delays_the_signature(
    provider: ThreadingHTTPServer, agency: Agency, settings: Settings
) -> None:
    port = settings.DEMO_PKI_PORT
    keystore.seal_of(agency, clock_now())
    settings.DEMO_PKI_PORT = 1
    document = sealed(agency)
    assert "no responde" in Job.objects.get(kind="signatures.apply").last_error
    settings.DEMO_PKI_PORT = port
    with time_machine.travel(clock_now() + timedelta(minutes=10), tick=True):
        drain()
        assert found_in(document)[0].level == "B-LTA"


def test_an_authority_of_time_that_is_down_is_awaited_and_the_case_says_so(
    provider: ThreadingHTTPServer, agency: Agency, settings: Settings
) -> None:
    address, settings.TSA_URL = settings.TSA_URL, "http://127.0.0.1:1/tsa"
    document = sealed(agency)
    assert document.state == Document.State.ISSUING
    assert "sello de tiempo no responde" in waiting_for(document)
    settings.TSA_URL = address
    backends.backend.cache_clear()
    with time_machine.travel(clock_now() + timedelta(minutes=10), tick=True):
        drain()
        assert found_in(document)[0].level == "B-LTA"
    assert waiting_for(document) == ""


def test_an_act_may_close_without_stamp_where_the_installation_does_not_wait(
    provider: ThreadingHTTPServer, agency: Agency, settings: Settings
) -> None:
    """It says so, and the stamp comes when the authority is back; the copy handed out meanwhile stays authentic."""
    settings.TSA_REQUIRED = False
    address, settings.TSA_URL = settings.TSA_URL, "http://127.0.0.1:1/tsa"
    document = sealed(agency)
    assert document.state == Document.State.IN_FORCE
    assert document.signature_requests.get().level == "B-B"
    early = pdf_of(document)
    settings.TSA_URL = address
    with time_machine.travel(clock_now() + timedelta(hours=2), tick=True):
        drain()
        found = found_in(document)
    assert found[-1].is_timestamp
    assert document.signature_requests.get().level == "B-B"
    assert document.revisions.count() == 2
    assert verify_file(early).verdict == Verdict.AUTHENTIC
    assert verify_file(early).document == document


def test_the_proof_is_renewed_before_the_stamp_expires(provider: ThreadingHTTPServer, agency: Agency) -> None:
    document = sealed(agency)
    first = IssuedRevision.objects.get()
    assert first.expires_at is not None
    renewal = Job.objects.get(kind="signatures.archive", state=Job.State.READY)
    assert renewal.run_at is not None
    assert renewal.run_at == first.expires_at - timedelta(days=60)
    before = pdf_of(document)
    Document.objects.filter(pk=document.pk).update(state=Document.State.ANNULLED)
    with time_machine.travel(renewal.run_at + timedelta(minutes=1), tick=True):
        drain()
        found = found_in(document)
    assert [item.field for item in found] == ["Sello", "SelloDeTiempo1", "SelloDeTiempo2"]
    assert found[0].level == "B-LTA"
    assert found[-1].covers_file
    assert pdf_of(document).startswith(before)
    assert document.state == Document.State.ANNULLED
    second = document.revisions.get(order=1)
    assert second.archived_at is not None
    assert second.archived_at > first.expires_at - timedelta(days=61)
    assert verify_file(before).verdict == Verdict.AUTHENTIC


def test_years_later_the_file_still_proves_itself(provider: ThreadingHTTPServer, agency: Agency) -> None:
    """The certificates have expired; the stamp over the proof has been renewed in time."""
    document = sealed(agency)
    renewal = Job.objects.get(kind="signatures.archive", state=Job.State.READY)
    assert renewal.run_at is not None
    with time_machine.travel(renewal.run_at, tick=True):
        drain()
    with time_machine.travel(renewal.run_at + timedelta(days=400), tick=True):
        assert found_in(document)[0].level == "B-LTA"


def test_what_the_authority_revoked_is_kept_between_processes(agency: Agency, carla: Person) -> None:
    identity, moment = keystore.key_of(carla, clock_now()), clock_now()
    keystore.revoke(identity, moment)
    assert keystore.demo_revoked() == {identity.certificate.serial_number: moment}


# Attacks on the proof

ARCHIVAL_VERDICTS = {
    "the proof is stripped": Verdict.ALTERED,
    "the proof is emptied": Verdict.ALTERED,
    "the closing stamp is cut off": Verdict.ALTERED,
    "the closing stamp is zeroed": Verdict.UNREADABLE,
    "the closing stamp is one over another text": Verdict.ALTERED,
    "the closing stamp is a stranger's": Verdict.ALTERED,
    "a stranger stamps once more": Verdict.ALTERED,
}


def test_no_attack_on_a_closed_document_stays_green(provider: ThreadingHTTPServer, signed_decree: Document) -> None:
    """The seventeen attacks of the plain signatures, and seven more on the proof and its stamp."""
    pdf = pdf_of(signed_decree)
    assert verify_file(pdf).verdict == Verdict.AUTHENTIC
    found = {name: verify_file(attack(pdf)).verdict for name, attack in {**ATTACKS, **ARCHIVAL_ATTACKS}.items()}
    assert Verdict.AUTHENTIC not in found.values()
    harmless = {
        "the metadata are replaced",
        "the Info dictionary gets another title",
        "bytes follow the end of the file",
    }
    assert {name for name, verdict in found.items() if verdict == Verdict.WITH_ADDITIONS} <= harmless
    assert {name: found[name] for name in ARCHIVAL_VERDICTS} == ARCHIVAL_VERDICTS


def test_the_signatures_alone_reveal_every_attack_on_the_proof(
    provider: ThreadingHTTPServer, signed_decree: Document
) -> None:
    pdf, expected = pdf_of(signed_decree), expected_signatures(signed_decree)

    def proved(data: bytes) -> bool:
        try:
            found = read_signatures(data, trust.roots(), now=clock_now())
        except Unreadable:
            return False
        levels = [item.level for item in found if not item.is_timestamp]
        return signatures_hold(found, expected) and lowest_level(levels) == "B-LTA"

    assert proved(pdf)
    assert [name for name, attack in ARCHIVAL_ATTACKS.items() if proved(attack(pdf))] == []


# What the public page says


def test_the_page_states_level_stamp_revocation_and_chain(
    provider: ThreadingHTTPServer, signed_decree: Document
) -> None:
    result = report(verify_file(pdf_of(signed_decree)))
    rows = {line.label: line.value for line in result.questions}
    assert rows["Nivel de las firmas"].startswith("B-LTA")
    assert "DEMOSTRACIÓN Sello de tiempo" in rows["¿Desde cuándo existe así?"]
    signature = result.signatures[1]
    assert signature.kind == "Firma de demostración (B-LTA)"
    assert "Con sello de tiempo" in signature.when
    assert signature.certificate.endswith("CA de demostración ← Raíz de demostración")
    assert signature.revocation.endswith("no estaba revocado al firmar")


def test_an_altered_file_shows_its_times_as_people_write_them(
    provider: ThreadingHTTPServer, signed_decree: Document
) -> None:
    result = report(verify_file(ATTACKS["the text of a page is replaced"](pdf_of(signed_decree))))
    assert len(result.found) == 4
    for line in result.found:
        assert re.search(r"\d\d/\d\d/\d{4} \d\d:\d\d", line.when), line.when
        assert "T0" not in line.when
        assert "+00:00" not in line.when
