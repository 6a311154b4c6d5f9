"""The whole electronic file in one ZIP, for the person and for another body (R62)."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Agency, Membership
from documents.models import Document, DocumentAccess
from procedures.api import publish
from procedures.models import RoleBinding
from tests.story import Story
from tests.workflows.desk import Visitor, at
from tests.workflows.test_joinders import FERIA, join
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


def test_a_joined_file_is_nested_only_for_who_may_open_it_and_that_is_recorded_r44(
    story: Story, visitor: Visitor
) -> None:
    """D10 23, DS4 48 and 49: of different procedures, an official of one is a stranger to the other."""
    agency = Agency.objects.get(code="muni-ejemplo")
    bound = RoleBinding.objects.filter(offering__agency=agency, offering__version__procedure__code=FERIA)
    roles = {one.slot: one.role for one in bound.select_related("role__unit")}
    carla = Membership.objects.filter(person=story.people["Carla"])[0].role
    text = Path("examples/permiso_feria_libre.yaml").read_text()
    text = text.replace("code: permiso_feria_libre\n", "code: feria_navidena\n", 1)
    day, holders = story.now.date(), {**roles, "jefatura": carla}
    publish(text=text, agency=agency, by=None, now=story.now, role_bindings=holders, effective_from=day)
    older = story.file("feria_navidena", "Ana", productos=["verduras"])
    story.now += timedelta(hours=1)
    younger = story.file(FERIA, "Bruno", productos=["verduras"])
    join(story, younger, older)

    def nested(who: str) -> list[str]:
        answered = visitor(who).get(at("desk_download_all", older.ref))
        assert answered.status_code == 200
        names = zipfile.ZipFile(io.BytesIO(answered.content)).namelist()
        return [name for name in names if name.startswith("acumulados/")]

    assert visitor("Carla").get(at("desk_case", younger.ref)).status_code == 404
    assert nested("Carla") == []
    opened = younger.accesses.filter(is_listed=False)
    assert not opened.exists()
    assert len(nested("Beto")) == 1
    access = opened.get()
    assert (access.person, access.membership is None) == (story.people["Beto"], False)
