"""A draft is tried as each role, on the production engine, before anybody publishes it; nothing of it stays."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from designer.models import ProcedureDraft
from jobs.api import Job
from notifications.models import Notice
from tests.story import Story
from tests.workflows.permissions import BACKEND
from workflows.api import RehearsalFailed, rehearse
from workflows.models import Case


def here(**asked: Any) -> list[dict[str, Any]]:
    """What the other process would answer: it cannot see this test's database."""
    scenarios = asked.pop("scenarios")
    return [rehearse(scenario=one, **asked).as_data() for one in scenarios]


@pytest.fixture
def designer(story: Story, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("designer.trying.rehearse_apart", here)
    client = Client()
    client.force_login(story.user("Inés"), backend=BACKEND)
    return client


@pytest.fixture
def draft(story: Story, designer: Client) -> ProcedureDraft:
    """The commercial licence, taken up as a draft."""
    version = story.offering("patente_comercial").version
    designer.post(reverse("designer:edit_version", args=[version.pk]))
    return ProcedureDraft.objects.get(code="patente_comercial")


class Trying:
    """The page, and what somebody does on it."""

    def __init__(self, client: Client, draft: ProcedureDraft) -> None:
        self.client, self.address = client, reverse("designer:trial", args=[draft.pk])
        self.page = client.get(self.address).content.decode()
        self.status = 200

    def do(self, what: str, **data: str) -> str:
        carried = {name: self._carried(name) for name in ("historia", "sello")}
        answer = self.client.post(self.address, {**carried, "que": what, **data})
        self.status, self.page = answer.status_code, answer.content.decode()
        return self.page

    def _carried(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found is not None
        return unescape(found[1])

    @property
    def offered(self) -> list[str]:
        return re.findall(r'name="que" value="([a-z_]+:[a-z_]+)"', self.page)


@pytest.fixture
def trying(designer: Client, draft: ProcedureDraft) -> Trying:
    return Trying(designer, draft)


def test_each_role_in_turn_takes_the_draft_to_its_next_step(trying: Trying) -> None:
    assert trying.offered == ["file:patente_comercial"]
    page = trying.do("file:patente_comercial")
    assert "Se presenta la solicitud" in page
    assert "Recibimos tu solicitud" in page
    assert trying.offered == ["step:admision"]
    trying.do("step:admision", resultado="admitir")
    assert trying.offered == ["step:informe_obras", "step:informe_salud"]


def test_an_answer_of_the_official_decides_the_way_and_a_correction_can_be_told(trying: Trying) -> None:
    trying.do("file:patente_comercial")
    trying.do("step:admision", resultado="observar", observaciones="Falta el rol.")
    assert trying.offered == ["correct:correccion", "notify:correccion"]
    trying.do("notify:correccion")
    trying.do("esperar", hasta="2030-01-01")
    assert "step:sin_corregir" in trying.offered, trying.page[:2000]


def test_nothing_stays_and_nothing_is_sent(trying: Trying) -> None:
    before = (Case.objects.count(), Job.objects.count(), Notice.objects.count())
    trying.do("file:patente_comercial")
    assert (Case.objects.count(), Job.objects.count(), Notice.objects.count()) == before


def test_going_back_takes_the_last_thing_away(trying: Trying) -> None:
    trying.do("file:patente_comercial")
    trying.do("step:admision", resultado="admitir")
    trying.do("quitar")
    assert trying.offered == ["step:admision"]


def test_what_is_typed_wrong_is_said_and_kept(trying: Trying) -> None:
    trying.do("file:patente_comercial", capital="mucho")
    assert trying.status == 422
    assert "mucho" in trying.page
    assert trying.offered == ["file:patente_comercial"]


def test_a_turn_is_played_once_and_what_the_page_carries_stands_only_for_the_draft_and_story_it_is_of(
    trying: Trying, draft: ProcedureDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[int] = []

    def counted(**asked: Any) -> list[dict[str, Any]]:
        played.append(len(asked["scenarios"][0].story))
        return here(**asked)

    monkeypatch.setattr("designer.trying.rehearse_apart", counted)
    trying.do("file:patente_comercial")
    trying.do("step:admision", resultado="admitir")
    assert played == [1, 2]
    trying.do("step:informe_obras", sello="otro")
    assert played == [1, 2, 2, 3]
    title = {**draft.content, "title": "Otro nombre"}
    ProcedureDraft.objects.filter(pk=draft.pk).update(content=title)
    trying.do("step:informe_salud")
    assert played == [1, 2, 2, 3, 3, 4], trying.page


def test_a_story_that_was_changed_on_the_way_is_refused_in_words(trying: Trying) -> None:
    answer = trying.client.post(trying.address, {"historia": "{", "que": "quitar"})
    assert answer.status_code == 422
    assert "Empieza otra" in answer.content.decode()


def test_the_trial_is_downloaded_as_a_story_that_procedures_test_runs(trying: Trying) -> None:
    trying.do("file:patente_comercial")
    text = trying.do("guardar")
    assert "file: patente_comercial" in text


def test_a_draft_with_faults_is_not_tried_yet(designer: Client, draft: ProcedureDraft) -> None:
    draft.content = {**draft.content, "steps": []}
    draft.save()
    assert "primero completa lo que falta" in Trying(designer, draft).page


def test_a_rehearsal_that_does_not_answer_is_told(trying: Trying, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_asked: Any) -> None:
        raise RehearsalFailed

    monkeypatch.setattr("designer.trying.rehearse_apart", fails)
    assert "Inténtalo de nuevo" in trying.do("file:patente_comercial")
    assert trying.status == 422
