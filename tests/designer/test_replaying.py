"""Finished cases through a draft: a job plays them, the page tells which would end elsewhere and names nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from designer import operations
from designer.models import ProcedureDraft, ReplayRun
from designer.queries import findings_of
from designer.testing.replaying import REPLAY
from jobs.api import Job, run_job
from procedures.api import Bundle
from tests.designer.conftest import Desk
from tests.workflows.permissions import BACKEND
from tests.workflows.test_replay import NAME, granted
from workflows.api import EngineBroke, RehearsalFailed, replay
from workflows.models import Case
from workflows.nodes import HumanNode


def here(*, draft: Bundle, case_ids: Sequence[int]) -> list[dict[str, Any]]:
    """What the other process would answer: it cannot see this test's database."""
    return [asdict(one) for one in replay(draft=draft, cases=[Case.objects.get(pk=pk) for pk in case_ids])]


@pytest.fixture
def browser(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("designer.testing.replaying.replay_apart", here)
    client = Client()
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    return client


@pytest.fixture
def draft(desk: Desk, browser: Client) -> ProcedureDraft:
    """The licence with one granted case, opened and changed: whoever is admitted needs one more approval."""
    case = granted(desk.story)
    draft = operations.open_version(version=case.version, agency=desk.agency, by=desk.by, now=desk.story.now)
    extra = {"id": "visto_bueno", "kind": "task", "title": "Visto bueno", "role": "jefatura", "form": "desistimiento"}
    reports = next(step["id"] for step in draft.content["steps"] if step["kind"] == "parallel")
    steps = [*draft.content["steps"], {**extra, "next": reports}]
    desk.do(operations.put_parts, draft, parts={"steps": steps}, seen="", summary="x")
    last = ("steps", "admision", "next", "2", "otherwise")
    return desk.do(operations.put_item, draft, address=last, item="visto_bueno", seen="")


def test_the_page_lists_what_would_end_elsewhere_and_where_it_parts_without_naming_anybody(
    desk: Desk, browser: Client, draft: ProcedureDraft
) -> None:
    """R44: whoever designs sees counts and places; the number of a case only who may open it."""
    url = reverse("designer:replay", args=[draft.pk])
    assert findings_of(draft.content).errors == []
    assert "Hay 1 solicitud terminada" in browser.get(url).content.decode()
    assert browser.post(url, {"cuantas": "7"}).status_code == 422
    assert browser.post(url, {"cuantas": "10"}).status_code == 302
    assert "Está por empezar" in browser.get(url).content.decode()
    run_job(Job.objects.get(kind=REPLAY).pk)
    page = browser.get(url).content.decode()
    assert "1 terminaría de otra manera" in page
    assert "Terminó: aprobada" in page
    assert "Se separa en «Examen de admisibilidad». Seguiría en «Visto bueno»." in " ".join(page.split())
    assert NAME.partition(" ")[0] not in page
    assert Case.objects.get().number not in page
    assert NAME.partition(" ")[0] not in str(ReplayRun.objects.get().results)
    assert set(Job.objects.get(kind=REPLAY).payload) == {"replay"}


def test_an_engine_that_breaks_or_a_process_that_does_not_answer_ends_the_replay_as_failed(
    desk: Desk, browser: Client, draft: ProcedureDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HumanNode, "entered", lambda self, activation: 1 / 0)
    with pytest.raises(EngineBroke):
        here(draft=Bundle.model_validate(draft.content), case_ids=[Case.objects.get().pk])

    def fails(**_asked: Any) -> None:
        raise RehearsalFailed("Se detuvo en «Visto bueno».")

    monkeypatch.setattr("designer.testing.replaying.replay_apart", fails)
    url = reverse("designer:replay", args=[draft.pk])
    browser.post(url, {"cuantas": "10"})
    Job.objects.filter(kind=REPLAY).update(max_attempts=1)
    run_job(Job.objects.get(kind=REPLAY).pk)
    assert "Se detuvo en «Visto bueno»." in browser.get(url).content.decode()
