"""Saved tests: kept from a trial, played again at every change, and the gate of publishing."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pydantic import TypeAdapter

from accounts.api import run_of
from designer import operations, publishing
from designer.errors import NotGreen, NotKept, NotReady
from designer.models import ProcedureDraft, SavedTest
from designer.presenting.testing import seen_words, summary
from designer.queries import findings_of
from designer.testing import operations as testing
from designer.testing import running
from designer.testing.queries import RUN_TESTS, Found, Standing, standings
from jobs.api import Job, drain
from procedures.api import Condition
from procedures.models import ProcedureVersion
from tests.designer.conftest import Desk
from tests.designer.test_trying import Trying, here
from tests.workflows.permissions import BACKEND
from workflows.api import ACTIONS, EngineBroke, scenario_of
from workflows.nodes import HumanNode

STORY = [
    {"file": "patente_comercial", "sample": True},
    {"step": "admision", "answers": {"resultado": "admitir"}, "sample": True},
]


@pytest.fixture
def browser(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Inés, signed in; rehearsals run in this process, which sees the test's database."""
    for place in ("designer.trying.rehearse_apart", "designer.testing.running.rehearse_apart"):
        monkeypatch.setattr(place, here)
    client = Client()
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    return client


@pytest.fixture
def draft(desk: Desk, browser: Client) -> ProcedureDraft:
    """The published licence, open to be changed."""
    version = ProcedureVersion.objects.get(procedure__code="patente_comercial")
    return operations.open_version(version=version, agency=desk.agency, by=desk.by, now=desk.story.now)


@pytest.fixture
def test_admitted(desk: Desk, browser: Client, draft: ProcedureDraft) -> SavedTest:
    """A story up to the reports, played and kept under a name."""
    bundle = findings_of(draft.content).bundle
    assert bundle is not None
    story = scenario_of({"title": "Se admite", "story": STORY}, ACTIONS)
    [report] = here(bundle=bundle, scenarios=[story], like=desk.agency)
    return testing.keep_test(draft=draft, story=story, title="Se admite", report=report, by=desk.by, now=desk.story.now)


def break_it(desk: Desk, draft: ProcedureDraft) -> None:
    """Admission takes five days instead of three: sound, and not what the test expects."""
    address = ("steps", "admision", "deadline", "amount")
    desk.do(operations.put_item, draft, address=address, item=5, seen="")


def standing(draft: ProcedureDraft) -> list[Standing]:
    draft.refresh_from_db()
    return [one.standing for one in standings(draft)]


def publish(desk: Desk, draft: ProcedureDraft) -> Any:
    draft.refresh_from_db()
    return publishing.publish_draft(draft=draft, revision=draft.revision, by=desk.by, now=desk.story.now)


def test_a_trial_kept_under_a_name_expects_what_came_of_it(test_admitted: SavedTest, draft: ProcedureDraft) -> None:
    filed, admitted = test_admitted.story["story"]
    assert filed["expects"]["open"] == ["admision"]
    assert admitted["expects"]["open"] == ["informe_obras", "informe_salud"]
    assert any("Recibimos tu solicitud" in subject for subject in filed["expects"]["notices"])
    assert standing(draft) == [Standing.GREEN]


def test_a_change_makes_it_stale_and_a_job_plays_it_again(
    desk: Desk, browser: Client, draft: ProcedureDraft, test_admitted: SavedTest
) -> None:
    desk.do(operations.put_parts, draft, parts={"title": "Patente nueva"}, seen="", summary="x")
    desk.do(operations.put_parts, draft, parts={"title": "Patente más nueva"}, seen="", summary="x")
    assert Job.objects.filter(kind=RUN_TESTS).count() == 1
    assert standing(draft) == [Standing.RUNNING]
    drain(desk.story.now + running.QUIET)
    assert standing(draft) == [Standing.GREEN]


def test_what_came_of_an_older_content_takes_no_newer_place(
    desk: Desk, browser: Client, draft: ProcedureDraft, test_admitted: SavedTest
) -> None:
    """A slow play that ends after the draft was mended and played again would make it look unplayed."""
    break_it(desk, draft)
    batch = running.prepare(draft, desk.story.now)
    assert batch is not None
    late = running.play(batch)
    desk.do(operations.undo, draft, revision=draft.revision)
    running.run_stale(draft=draft, now=desk.story.now)
    assert standing(draft) == [Standing.GREEN]
    assert running.keep(draft_id=draft.pk, played=late, now=desk.story.now) == 0
    assert standing(draft) == [Standing.GREEN]


def test_a_red_test_keeps_the_draft_from_being_published_and_says_in_words_where_it_parts(
    desk: Desk, browser: Client, draft: ProcedureDraft, test_admitted: SavedTest
) -> None:
    break_it(desk, draft)
    with pytest.raises(NotGreen, match="«Se admite»"):
        publish(desk, draft)
    assert standing(draft) == [Standing.RED]
    page = browser.get(reverse("designer:cases", args=[draft.pk])).content.decode()
    assert "Cambia en" in page
    assert "«Examen de admisibilidad» debía vencer el 09/03/2026 y vence el 11/03/2026" in page
    assert "No pasa el caso de prueba" in browser.get(reverse("designer:home", args=[draft.pk])).content.decode()


def test_what_came_out_is_accepted_as_expected_and_then_the_draft_is_published(
    desk: Desk, browser: Client, draft: ProcedureDraft, test_admitted: SavedTest
) -> None:
    break_it(desk, draft)
    url = reverse("designer:case", args=[draft.pk, test_admitted.pk])
    assert browser.post(url, {"que": "aceptar"}).status_code == 422
    running.run_stale(draft=ProcedureDraft.objects.get(pk=draft.pk), now=desk.story.now)
    assert "Aceptar este resultado" in browser.get(url).content.decode()
    assert browser.post(url, {"que": "aceptar"}).status_code == 302
    assert standing(draft) == [Standing.GREEN]
    assert SavedTest.objects.get().story["story"][0]["expects"]["due"] == {"admision": "2026-03-11"}
    assert publish(desk, draft).version.number == 2


def test_a_story_that_cannot_be_told_any_more_has_no_outcome_to_accept(
    desk: Desk, browser: Client, draft: ProcedureDraft, test_admitted: SavedTest
) -> None:
    story = {**test_admitted.story, "story": [*test_admitted.story["story"], {"step": "no_existe"}]}
    SavedTest.objects.update(story=story)
    running.run_stale(draft=draft, now=desk.story.now)
    assert standing(draft) == [Standing.RED]
    with pytest.raises(NotKept, match="no llegó al final"):
        testing.accept_outcome(test=test_admitted, draft=draft, by=desk.by, now=desk.story.now)


def test_tests_are_played_in_the_gate_when_nobody_played_them(
    desk: Desk, browser: Client, draft: ProcedureDraft, test_admitted: SavedTest
) -> None:
    desk.do(operations.put_parts, draft, parts={"title": "Patente nueva"}, seen="", summary="x")
    assert publish(desk, draft).version.title == "Patente nueva"
    assert standing(draft) == [Standing.GREEN]


def test_a_rehearsal_that_does_not_answer_keeps_the_gate_shut(
    desk: Desk, draft: ProcedureDraft, test_admitted: SavedTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_asked: Any) -> None:
        from workflows.api import RehearsalFailed

        raise RehearsalFailed

    desk.do(operations.put_parts, draft, parts={"title": "Patente nueva"}, seen="", summary="x")
    monkeypatch.setattr("designer.testing.running.rehearse_apart", fails)
    with pytest.raises(NotReady, match="no terminó"):
        publish(desk, draft)


def test_an_engine_that_breaks_fails_the_trial_and_the_saved_tests(
    desk: Desk, browser: Client, draft: ProcedureDraft, test_admitted: SavedTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The production engine plays them: what breaks a case breaks them."""
    monkeypatch.setattr(HumanNode, "entered", lambda self, activation: 1 / 0)
    with pytest.raises(EngineBroke):
        Trying(browser, draft).do("file:patente_comercial")
    desk.do(operations.put_parts, draft, parts={"title": "Patente nueva"}, seen="", summary="x")
    with pytest.raises(EngineBroke):
        publish(desk, draft)


def test_the_tests_go_out_and_come_in_as_the_file_that_procedures_test_reads(
    browser: Client, draft: ProcedureDraft, test_admitted: SavedTest
) -> None:
    url = reverse("designer:cases_file", args=[draft.pk])
    text = browser.get(url).content
    story = test_admitted.story
    SavedTest.objects.all().delete()
    sent = SimpleUploadedFile("casos.yaml", text)
    assert browser.post(url, {"archivo": sent}).status_code == 302
    assert SavedTest.objects.get().story == story
    wrong = browser.post(url, {"archivo": SimpleUploadedFile("x.yaml", b"title: x")}, follow=True)
    assert "story" in wrong.content.decode()


def test_a_trial_is_kept_from_its_page_under_a_name_that_nothing_else_has(
    browser: Client, draft: ProcedureDraft
) -> None:
    trying = Trying(browser, draft)
    trying.do("file:patente_comercial")
    assert "Escribe un nombre" in trying.do("conservar", titulo=" ")
    page = trying.page
    trying.do("conservar", titulo="Recién presentada")
    trying.page = page
    assert "Ya hay un caso de prueba" in trying.do("conservar", titulo="Recién presentada")
    assert SavedTest.objects.get().story["story"][0]["expects"]["open"] == ["admision"]


def test_a_condition_says_how_many_tests_meet_it(draft: ProcedureDraft, test_admitted: SavedTest) -> None:
    def words(value: str) -> str:
        rows = [{"field": "admision.resultado", "op": "eq", "value": value}]
        return seen_words(draft, TypeAdapter(Condition).validate_python({"all": rows}))

    assert words("admitir") == "Hoy se cumple en 1 de 1 caso de prueba."
    assert words("observar") == "Hoy se cumple en 0 de 1 caso de prueba."


def test_tests_outlive_the_draft_of_what_is_published_but_not_that_of_nothing(
    desk: Desk, draft: ProcedureDraft, test_admitted: SavedTest
) -> None:
    operations.discard_draft(draft=draft, by=desk.by, now=desk.story.now)
    assert SavedTest.objects.count() == 1
    other = desk.empty()
    SavedTest.objects.update(code=other.code)
    operations.discard_draft(draft=other, by=desk.by, now=desk.story.now)
    assert SavedTest.objects.count() == 0


def test_pull_and_apply_carry_the_tests_beside_the_procedure(
    desk: Desk, draft: ProcedureDraft, test_admitted: SavedTest, tmp_path: Path
) -> None:
    call_command("procedures", "pull", str(tmp_path), "--agency", "muni-ejemplo", stdout=StringIO())
    beside = tmp_path / "scenarios" / "patente_comercial.yaml"
    beside.write_text(
        beside.read_text(encoding="utf-8").replace("Se admite", "Se admite y se informa"), encoding="utf-8"
    )
    file, told = str(tmp_path / "patente_comercial.yaml"), StringIO()
    options = {"agency": "muni-ejemplo", "by": run_of(desk.by), "stdout": told}
    call_command("procedures", "apply", file, **{**options, "dry_run": True})
    assert "1 casos de prueba" in told.getvalue()
    assert SavedTest.objects.count() == 1
    call_command("procedures", "apply", file, **options)
    assert set(SavedTest.objects.values_list("title", flat=True)) == {"Se admite", "Se admite y se informa"}


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        ([], "Ninguno todavía"),
        ([Standing.GREEN] * 2, "2 pasan"),
        ([Standing.STALE] * 3, "3 sin correr con lo último"),
        ([Standing.GREEN, Standing.RED, Standing.RUNNING], "1 pasa, 1 no pasa, 1 sin correr con lo último"),
    ],
)
def test_what_was_not_run_is_not_told_as_failed(standing: list[Standing], said: str) -> None:
    assert summary([Found(SavedTest(), one) for one in standing]) == said
