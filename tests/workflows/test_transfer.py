"""The whole electronic file in one ZIP, for the person and for another body (R62)."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from documents.models import Document, DocumentAccess
from tests.story import Story
from workflows.models import CaseAccess

pytestmark = pytest.mark.django_db


def downloaded(story: Story, who: str, page: str, ref: str) -> tuple[HttpResponse, zipfile.ZipFile]:
    client = Client()
    client.force_login(story.user(who))
    response = client.get(reverse(page, args=[ref]))
    assert response.status_code == 200
    assert isinstance(response, HttpResponse)
    return response, zipfile.ZipFile(io.BytesIO(response.content))


def test_the_person_takes_all_that_entered_the_file_with_its_index(story: Story) -> None:
    case = story.file()
    story.work()
    response, archive = downloaded(story, "Ana", "workflows:download_all", case.ref)
    assert response["Content-Disposition"].endswith('.zip"')
    index = json.loads(archive.read("indice.json"))
    assert len(index["items"]) == case.file.items.count()
    assert index["metadata"]["MGDEE1_1"] == case.file.iuie
    for part in index["parts"]:
        assert hashlib.sha256(archive.read(part["name"])).hexdigest() == part["sha256"]
    assert index["parts"][0]["folios"]["first"] == 1
    assert index["parts"][1]["folios"]["first"] == index["parts"][0]["folios"]["last"] + 1
    assert "trazabilidad.json" not in archive.namelist()
    opened = DocumentAccess.objects.filter(document__file=case.file, through="citizen")
    assert opened.count() == case.file.items.count()


def test_the_digests_are_those_of_the_files(story: Story) -> None:
    case = story.file()
    story.work()
    _, archive = downloaded(story, "Ana", "workflows:download_all", case.ref)
    lines = archive.read("SHA256SUMS").decode().splitlines()
    assert len(lines) == len(archive.namelist()) - 1
    for line in lines:
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest


def test_the_official_also_takes_traceability_and_accesses(story: Story) -> None:
    case = story.file()
    story.work()
    _, archive = downloaded(story, "Beto", "workflows:desk_download_all", case.ref)
    events = json.loads(archive.read("trazabilidad.json"))
    case.refresh_from_db()
    assert len(events) == case.audit_seq
    assert events[-1]["hash"] == bytes(case.audit_head).hex()
    assert CaseAccess.objects.filter(case=case).exists()
    assert any(one["what"] == "expediente" for one in json.loads(archive.read("accesos.json")))


def test_no_name_that_a_person_gave_becomes_a_path_or_a_header(story: Story) -> None:
    case = story.file()
    story.work()
    hostile = "../../etc/passwd\r\nX-Otro: 1 \u202egpj.exe"
    Document.objects.filter(file=case.file).update(title=hostile)
    response, archive = downloaded(story, "Ana", "workflows:download_all", case.ref)
    for name in archive.namelist():
        assert name.count("/") <= 1
        assert ".." not in name
        assert name.isascii()
        assert "\n" not in name
    assert "X-Otro" not in response.headers
    page = archive.read("indice.html").decode()
    assert "../../etc/passwd" in page, "in the index it is data"
    assert "<script" not in page


def test_a_document_without_its_seal_yet_is_listed_and_said_to_be_missing(story: Story) -> None:
    case = story.file()
    _, archive = downloaded(story, "Ana", "workflows:download_all", case.ref)
    index = json.loads(archive.read("indice.json"))
    assert any(part["name"] == "" for part in index["parts"])
    assert "aún sin sello" in archive.read("indice.html").decode()
