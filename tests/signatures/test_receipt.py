"""The portable receipt: a filing that can be proved with nothing but its file (R4)."""

import hashlib
import json
from http.server import ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from accounts.models import Agency
from documents.api import DocumentContent, Letterhead, read_blob
from documents.models import Blob, Document
from jobs.api import drain
from legaltime.api import now as clock_now
from signatures.analysis import read_carried
from signatures.api import ReceiptFacts, Verdict, receipt_files, seal_document, verify_file
from signatures.receipt import FACTS, RECORD, read_receipt
from signatures.verification import verify_alone
from tests.documents.makers import NOW, new_document
from tests.signatures.attacks import ARCHIVAL_ATTACKS, ATTACKS, edited
from tests.signatures.test_verification import sound

RECORD_BYTES = b'{"case":"7K3M","questions":[]}'


def facts(**changes: Any) -> ReceiptFacts:
    values: dict[str, Any] = {
        "number": "12",
        "presented_at": NOW,
        "effective_at": NOW,
        "origin": "En línea",
        "file": "EXP-20260304-7K3MQ2XW",
        "agency": "Municipalidad de Ejemplo",
        "agency_rut": "69000001-6",
        "procedure": "Patente comercial",
        "presented_by": "Ana Pérez",
        "presented_by_run": "11111111-1",
        "received_by": "Plataforma de trámites",
        "files": (("plano.pdf", "ab" * 32),),
    }
    return ReceiptFacts(**{**values, **changes})


def receipt(agency: Agency, **changes: Any) -> bytes:
    """A sealed receipt of which nothing is left in the registry."""
    content = DocumentContent(
        title="Certificado de presentación",
        letterhead=Letterhead(agency=agency.name),
        attachments=receipt_files(facts(**changes), RECORD_BYTES),
    )
    document = new_document(agency, kind="receipt", required_signature="seal", content=content)
    seal_document(document=document, case_id=None, on_done="", on_dead="", now=clock_now())
    drain()
    document.refresh_from_db()
    assert document.blob is not None
    pdf = read_blob(document.blob)
    document.signature_requests.update(digest="")
    Document.objects.filter(pk=document.pk).update(sha256="")
    Blob.objects.filter(pk=document.blob.pk).update(sha256="0" * 64)
    return pdf


def test_it_proves_itself_when_the_registry_is_lost(provider: ThreadingHTTPServer, agency: Agency) -> None:
    """R4: the six contents are read from the file, which the seal of the body that it names protects."""
    finding = verify_file(receipt(agency))
    assert finding.verdict == Verdict.RECEIPT
    assert finding.document is None
    assert finding.receipt == facts()


def test_the_page_says_what_it_proves_and_what_nobody_knows(
    provider: ThreadingHTTPServer, agency: Agency, client: Client
) -> None:
    file = SimpleUploadedFile("certificado.pdf", receipt(agency), content_type="application/pdf")
    page = client.post(reverse("signatures:verify_file"), {"archivo": file}).content.decode()
    assert "Certificado íntegro, que no está en este registro" in page
    assert "no se sabe qué pasó después" in page
    assert "04/03/2026 12:00" in page
    assert "EXP-20260304-7K3MQ2XW" in page
    assert "A*** P***" in page
    assert "Ana" not in page
    assert "DEMOSTRACIÓN, SIN VALOR LEGAL" in page


def test_it_carries_the_record_of_what_was_presented(provider: ThreadingHTTPServer, agency: Agency) -> None:
    carried = read_carried(receipt(agency), [FACTS, RECORD])
    assert json.loads(carried[FACTS])["presentation_sha256"] == hashlib.sha256(RECORD_BYTES).hexdigest()
    assert carried[RECORD].encode() == RECORD_BYTES


def test_no_tampering_leaves_it_proved(provider: ThreadingHTTPServer, agency: Agency) -> None:
    pdf = receipt(agency)
    attacks = {**ATTACKS, **ARCHIVAL_ATTACKS}
    for name in ("the last signature is emptied", "a stranger signs with a stamp over the page"):
        del attacks[name]  # there is only the seal, which another attack removes, and it lets nobody sign
    proved = [name for name, attack in attacks.items() if verify_alone(attack(pdf)).verdict == Verdict.RECEIPT]
    assert set(proved) <= {"the closing stamp is cut off"}, "without its stamp it is a sealed receipt of level B-T"


def test_other_facts_put_into_the_file_are_not_believed(provider: ThreadingHTTPServer, agency: Agency) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        listed = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
        for place in range(1, len(listed), 2):
            forged = generic.StreamObject(stream_data=receipt_files(facts(number="99"), RECORD_BYTES)[0].text.encode())
            listed[place]["/EF"][pdf_name("/F")] = writer.add_object(forged)
            writer.update_container(listed[place])

    assert verify_alone(edited(receipt(agency), change)).verdict == Verdict.NOT_ISSUED


def test_a_body_cannot_seal_the_receipt_of_another(provider: ThreadingHTTPServer, agency: Agency) -> None:
    assert verify_file(receipt(agency, agency_rut="61000000-7")).verdict == Verdict.NOT_ISSUED


def test_a_command_tells_it_without_registry_or_network(
    provider: ThreadingHTTPServer, agency: Agency, tmp_path: Path
) -> None:
    path, out = tmp_path / "certificado.pdf", StringIO()
    path.write_bytes(receipt(agency))
    call_command("verify_pdf", str(path), stdout=out)
    assert "Certificado íntegro" in out.getvalue()
    assert "Expediente: EXP-20260304-7K3MQ2XW" in out.getvalue()


# The pure rule


def carried(**changes: Any) -> dict[str, str]:
    return {file.name: file.text for file in receipt_files(facts(**changes), RECORD_BYTES)}


def test_a_sound_seal_of_the_body_proves_its_receipt() -> None:
    assert read_receipt(carried(), [sound(run="69.000.001-6")]) == facts()


@pytest.mark.parametrize(
    "signature",
    [
        sound(run="69000001-6", trusted=False),
        sound(run="69000001-6", covers_file=False),
        sound(run="69000001-6", intact=False),
        sound(run="11111111-1"),
        sound(run=""),
    ],
)
def test_anything_less_does_not(signature: Any) -> None:
    assert read_receipt(carried(), [signature]) is None


@pytest.mark.parametrize("files", [{}, {FACTS: "{"}, {FACTS: "[]", RECORD: ""}, {FACTS: "{}", RECORD: "{}"}])
def test_what_is_no_receipt_is_none(files: dict[str, str]) -> None:
    assert read_receipt(files, [sound(run="69000001-6")]) is None


def test_the_record_must_be_the_one_whose_digest_is_sealed() -> None:
    assert read_receipt({**carried(), RECORD: "{}"}, [sound(run="69000001-6")]) is None
