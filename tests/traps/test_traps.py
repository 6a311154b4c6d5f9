"""The eight traps that the national engine falls into (design notes, peers A.2): one test each, here, for ours."""

from __future__ import annotations

import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from documents.models import Document
from jobs.models import Job
from procedures.api import RuleError, bundle_of
from signatures.errors import SignatureError
from tests.story import Story
from workflows import routing
from workflows.commands import filing
from workflows.errors import AlreadyFiled, TaskFinished
from workflows.models import Case, CaseTask, Deadline, Incident
from workflows.queries import open_incidents

pytestmark = pytest.mark.django_db


class Reached(AssertionError):
    """Something outside the database was called."""


@pytest.fixture
def story() -> Iterator[Story]:
    """The server's clock stands at the story's."""
    begun = Story.begin()
    with time_machine.travel(begun.now, tick=False):
        yield begun


@contextmanager
def sealed_off() -> Iterator[None]:
    """Any mail or child process is a failure, from here on: files are inspected, by a child, before."""

    def reached(*_arguments: Any, **_options: Any) -> None:
        raise Reached

    with pytest.MonkeyPatch.context() as seal:
        seal.setattr(smtplib.SMTP, "__init__", reached)
        seal.setattr(subprocess, "Popen", reached)
        yield


def seen_by_staff(story: Story) -> list[Incident]:
    return list(open_incidents(story.people["Beto"], story.now.date()))


def broken(*_arguments: Any) -> bool:
    raise RuleError("La regla no se pudo evaluar.")


def test_1_a_case_without_a_way_on_is_not_stranded_in_silence(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    case = story.file()
    node = case.flow_class.instance.node("n_admision")
    monkeypatch.setattr(node, "routes", [route for route in node.routes if route.when is not None])
    story.do(case, "admision", resultado="admitir")
    assert [incident.kind for incident in seen_by_staff(story)] == [Incident.Kind.NO_BRANCH]


def test_2_a_broken_rule_is_an_incident_and_not_a_silent_no(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    case = story.file()
    monkeypatch.setattr(routing, "evaluate", broken)
    story.do(case, "admision", resultado="admitir")
    assert [incident.kind for incident in seen_by_staff(story)] == [Incident.Kind.RULE]
    assert not CaseTask.objects.filter(process=case, step_id="informes").exists()


def test_3_nothing_outside_the_database_happens_while_a_case_is_decided(story: Story) -> None:
    draft = story.draft(story.offering("patente_comercial"))
    signature = story.signature(draft)
    with sealed_off():
        case = filing.start(draft=draft, by=story.people["Ana"], signature=signature, now=story.now)
        story.do(case, "admision", resultado="observar", observaciones="Corrige.")
    waiting = set(Job.objects.filter(case_id=case.pk, state="ready").values_list("kind", flat=True))
    assert {"signatures.prepare", "notifications.email"} <= waiting


def test_3_control_the_seal_is_noticed_when_something_does_reach_out() -> None:
    with sealed_off(), pytest.raises(Reached):
        smtplib.SMTP("127.0.0.1")
    with sealed_off(), pytest.raises(Reached):
        subprocess.Popen(["true"])


def test_4_a_second_submission_makes_no_second_case_and_no_second_step(story: Story) -> None:
    draft = story.draft(story.offering("patente_comercial"))
    signature = story.signature(draft)
    case = filing.start(draft=draft, by=story.people["Ana"], signature=signature, now=story.now)
    with pytest.raises(AlreadyFiled):
        filing.start(draft=draft, by=story.people["Ana"], signature=signature, now=story.now)
    task = story.claim(case, "admision")
    story.do_claimed(case, task, resultado="admitir")
    with pytest.raises(TaskFinished):
        story.do_claimed(case, task, resultado="admitir")
    assert Case.objects.count() == 1
    assert CaseTask.objects.filter(process=case, step_id="informe_obras").count() == 1


def test_5_a_failed_signature_closes_no_step(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    case = story.file()
    story.do(case, "admision", resultado="rechazar")
    story.finish_draft(case, "redaccion_rechazo_inicial")
    signature = CaseTask.objects.get(process=case, step_kind="sign", status="NEW").step_id

    def refuses(*_arguments: Any, **_options: Any) -> None:
        raise SignatureError

    with monkeypatch.context() as failing:
        failing.setattr("signatures.handlers.ApplySignature.call", refuses)
        story.sign(case, signature)
        for _attempt in range(12):
            story.work()
            story.now += timedelta(hours=2)
    task = CaseTask.objects.get(process=case, step_id=signature)
    assert task.status == "ASSIGNED"
    assert Incident.Kind.SIGNATURE in [incident.kind for incident in seen_by_staff(story)]
    assert not Document.objects.filter(file=case.file, kind="decree", state="in_force").exists()


def test_6_an_error_is_never_shown_as_success(story: Story) -> None:
    case = story.file()
    task = story.claim(case, "admision")
    browser = Client()
    browser.force_login(story.user("Beto"))
    answer = browser.post(reverse("workflows:desk_step", args=[case.ref, task.pk]), {"resultado": ""})
    assert answer.status_code == 422
    assert "Hay un problema" in answer.content.decode()
    task.refresh_from_db(fields=["status"])
    assert task.status == "ASSIGNED"


def test_7_no_page_of_a_form_waits_for_anybody_else(story: Story) -> None:
    draft = story.draft(story.offering("patente_comercial"))
    browser = Client()
    browser.force_login(story.user("Ana"))
    form = bundle_of(draft.version).form_of(draft.step_id)
    assert form is not None
    for page in range(1, len(form.pages) + 1):
        with sealed_off():
            assert browser.get(reverse("workflows:page", args=[draft.ref, page])).status_code == 200


def test_8_every_running_clock_has_its_timer_in_the_job_table(story: Story) -> None:
    story.file()
    running = Deadline.objects.filter(state=Deadline.State.RUNNING)
    timers = Job.objects.filter(kind="workflows.deadline", run_at__isnull=False)
    assert running.count() == 2
    assert {timer.payload["deadline"] for timer in timers} == set(running.values_list("pk", flat=True))
