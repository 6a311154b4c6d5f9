"""What people upload stays in quarantine until clamd, a real one, has looked at it."""

import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client

from documents.antivirus import virus_in
from documents.api import export_file, read_blob
from documents.errors import Quarantined
from documents.models import Blob, Document, Scan
from jobs.api import GiveUp, Job, Retry
from tests.services.clamd import EICAR
from tests.story import PDF, Story
from tests.workflows.desk import at
from tests.workflows.permissions import BACKEND
from workflows import drafts, uploads
from workflows.commands import filing
from workflows.downloads import blob_response
from workflows.errors import FileInfected
from workflows.models import Draft

pytestmark = pytest.mark.services
VIRUS = PDF + EICAR
NOBODY_LISTENS = "tcp://127.0.0.1:1"


@pytest.fixture
def story(db: None, settings: Any, clamd_address: str) -> Iterator[Story]:
    settings.CLAMD = clamd_address
    begun = Story.begin()
    with time_machine.travel(begun.now, tick=False):
        yield begun


def chosen(story: Story, content: bytes) -> tuple[Draft, dict[str, Any]]:
    """Ana's application for a licence with this file."""
    draft = story.draft(story.offering("patente_comercial"))
    file = SimpleUploadedFile("titulo.pdf", content)
    kept = uploads.keep(draft=draft, name="titulo_local", upload=file, now=story.now)
    drafts.save(draft=draft, changed={"titulo_local": kept}, removed=set(), now=story.now)
    draft.refresh_from_db()
    return draft, kept


def scanned(story: Story) -> None:
    """Run what is due, scans among it."""
    story.now += timedelta(minutes=1)
    story.work()


def blob_of(draft: Draft, kept: dict[str, Any]) -> Blob:
    return Blob.objects.get(draftfile=kept["draft_file"])


def test_nobody_gets_a_file_before_clamd_has_cleared_it(story: Story) -> None:
    draft, kept = chosen(story, PDF)
    blob = blob_of(draft, kept)
    assert blob.scan == Scan.PENDING
    with pytest.raises(Quarantined):
        read_blob(blob)
    with pytest.raises(Http404):
        blob_response(blob, name="x")
    scanned(story)
    blob = blob_of(draft, kept)
    assert (blob.scan, read_blob(blob)) == (Scan.CLEAN, PDF)


def test_a_virus_stays_in_quarantine_the_person_reads_it_and_nothing_is_filed(story: Story) -> None:
    draft, kept = chosen(story, VIRUS)
    client = Client()
    client.force_login(story.user("Ana"), backend=BACKEND)
    assert "Revisando si tiene virus" in client.get(at("page", draft.ref, 5)).content.decode()
    scanned(story)
    assert blob_of(draft, kept).scan == Scan.INFECTED
    with pytest.raises(Quarantined):
        read_blob(blob_of(draft, kept))
    refused = "El archivo «titulo.pdf» contiene un virus y no lo podemos recibir"
    assert refused in client.get(at("page", draft.ref, 5)).content.decode()
    told = client.post(at("page", draft.ref, 5), {"_visto": ["titulo_local", "otros"]})
    assert told.status_code == 422
    assert told.content.decode().count(refused) == 2, "in the summary and beside the question, nowhere else"
    review = client.get(at("review", draft.ref)).content.decode()
    assert "contiene un virus y no lo podemos recibir" in review
    assert at("sign", draft.ref) not in review
    with pytest.raises(FileInfected):
        filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)


def test_what_is_filed_before_its_scan_is_received_and_opened_by_nobody(story: Story) -> None:
    """A slow antivirus costs nobody their day of filing."""
    draft, kept = chosen(story, VIRUS)
    case = filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)
    document = Document.objects.get(file=case.file, blob=blob_of(draft, kept))
    client = Client()
    client.force_login(story.user("Beto"), backend=BACKEND)
    assert client.get(at("desk_document", case.ref, document.pk)).status_code == 404
    scanned(story)
    page = client.get(at("desk_case", case.ref), {"ver": "expediente"}).content.decode()
    assert "Tiene un virus y nadie puede abrirlo" in page
    with export_file(case.file, now=story.now) as packed, zipfile.ZipFile(packed) as archive:
        assert not any(EICAR in archive.read(name) for name in archive.namelist())


def test_while_clamd_is_down_the_file_waits_and_is_asked_for_again(story: Story, settings: Any) -> None:
    draft, kept = chosen(story, PDF)
    address, settings.CLAMD = settings.CLAMD, NOBODY_LISTENS
    scanned(story)
    assert blob_of(draft, kept).scan == Scan.PENDING
    job = Job.objects.filter(kind="documents.scan").latest("pk")
    assert job.state != Job.State.DEAD
    assert job.run_at is not None
    settings.CLAMD, story.now = address, job.run_at
    story.work()
    assert blob_of(draft, kept).scan == Scan.CLEAN


def test_without_an_antivirus_nothing_waits(story: Story, settings: Any) -> None:
    settings.CLAMD = ""
    draft, kept = chosen(story, PDF)
    assert read_blob(blob_of(draft, kept)) == PDF


def test_what_clamd_says_is_understood(clamd_address: str) -> None:
    assert virus_in(PDF, clamd_address) == ""
    assert virus_in(VIRUS, clamd_address) == "Prueba-EICAR.UNOFFICIAL"
    for megabytes in (3, 8, 20, 40):  # clamd hangs up while we still send
        with pytest.raises(GiveUp):
            virus_in(b"x" * (megabytes << 20), clamd_address)
    with pytest.raises(Retry):
        virus_in(PDF, NOBODY_LISTENS)
    with pytest.raises(Retry):
        virus_in(PDF, "unix:/no/existe")
