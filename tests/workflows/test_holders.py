"""Documents leave by their code only as far as their holder agrees, and a QR leads to its page."""

from io import BytesIO

import pikepdf
import pytest
from django.test import Client

from documents.api import read_blob
from documents.models import Document
from tests.story import Story
from workflows.holders import is_holder

pytestmark = pytest.mark.django_db


def test_the_last_characters_of_the_applicants_run_open_a_document_and_others_do_not() -> None:
    story = Story.begin()
    case = story.file()
    receipt = Document.objects.get(file=case.file, kind="receipt")
    assert is_holder(receipt, "111-3")
    assert is_holder(receipt, "1113")
    assert not is_holder(receipt, "2227")
    assert not is_holder(receipt, "3")


def test_the_address_in_the_qr_leads_to_the_verification_page() -> None:
    story = Story.begin()
    case = story.file()
    story.work()
    receipt = Document.objects.get(file=case.file, kind="receipt")
    answer = Client().get(f"/VERIFICAR/{receipt.code}", follow=True)
    assert answer.status_code == 200
    assert "Certificado de presentación" in answer.content.decode()


def test_the_sealed_application_carries_the_evidence_of_its_signature() -> None:
    story = Story.begin()
    case = story.file()
    story.work()
    application = Document.objects.get(file=case.file, kind="application")
    assert application.blob is not None
    with pikepdf.open(BytesIO(read_blob(application.blob))) as pdf:
        assert "evidencia.json" in pdf.attachments
