"""Whole cases under faults reach every kind of step; a case that stands still, or was opened twice, is found."""

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bench import fault_cases
from bench.fault_cases import Cases, lost_among
from jobs import registry
from jobs.faults import weather
from jobs.models import Job
from procedures.api import STEP_KINDS
from tests.jobs.databases import ROOT, environment
from tests.services import migrated
from tests.story import Story
from tests.workflows.flows import begin, flow, offer, report
from workflows.models import Case, CaseLink
from workflows.steps.linked import CHILD_ENDED, OPEN_CASE


def replace(kind: str, function: registry.PureFunction) -> None:
    """Attend a kind of job otherwise, in this process."""
    registry._handlers[kind] = registry.PureHandler(kind, function)


class Silent(Cases):
    """An engine in which nobody tells a case that the one it waits for has ended."""

    def install(self) -> None:
        super().install()
        replace(CHILD_ENDED, lambda job, now: {})


class Forgetful(Cases):
    """An engine that opens a linked case each time it is told to, and is told twice."""

    def install(self) -> None:
        super().install()
        once = registry.get(OPEN_CASE)

        def twice(job: Job, now: datetime) -> dict[str, Any]:
            once.finish(job, None, now)
            CaseLink.objects.filter(pk=job.payload["link"]).update(child=None)
            return once.finish(job, None, now) or {}

        replace(OPEN_CASE, twice)


def walked(folder: Path, scenario: type[Cases], *arguments: str) -> tuple[dict[str, int], dict[str, list[int]], str]:
    """The figures of the last line, the rows of the table (how many, lost, doubled) and the whole output of a run."""
    database = f"sqlite:///{migrated.copied_into(folder)}"
    name = f"{scenario.__module__}.{scenario.__name__}"
    chosen = (
        "--between",
        "40",
        "--only",
        "--scenario",
        name,
        "--database",
        database,
        "--seconds",
        "0",
        "--seed",
        "7",
        *arguments,
    )
    command = [sys.executable, "manage.py", "faults", *chosen]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, timeout=580)
    assert done.stdout, done.stderr
    rows = re.findall(r"^(caso|paso \w+) +(\d+) +(\d+) +(\d+) +\d+$", done.stdout, re.MULTILINE)
    table = {name: [int(figure) for figure in figures] for name, *figures in rows}
    return json.loads(done.stdout.splitlines()[-1]), table, done.stdout + done.stderr


@pytest.mark.timeout(600)
def test_faults_in_every_kind_of_step_neither_lose_nor_double_anything(tmp_path: Path) -> None:
    figures, table, output = walked(tmp_path, Cases, "--runs", "1", "--decisions", "130", "--all-kinds")
    assert (figures["lost"], figures["doubled"]) == (0, 0), output
    assert figures["faults"] > 100
    assert {name for name, (count, *_rest) in table.items() if count} == {
        "caso",
        *(f"paso {kind}" for kind in STEP_KINDS),
    }


@pytest.mark.parametrize(("engine", "row", "place"), [(Silent, "paso subcase", 1), (Forgetful, "caso", 2)])
def test_control_an_engine_that_forgets_is_found(tmp_path: Path, engine: type[Cases], row: str, place: int) -> None:
    _figures, table, output = walked(tmp_path, engine, "--runs", "1", "--decisions", "40")
    assert table[row][place] > 0, output


@pytest.fixture
def story() -> Story:
    return Story.begin()


def opening(story: Story, kind: str) -> Case:
    """A case whose only step, of that kind, opens another one, which no job has done yet."""
    child = offer(story, {**flow(report("informar", "obras", "sello")), "code": "hijo", "title": "Informe"})
    names = ("rut", "motivo", "nombre", "correo", "peticion", "autoriza_sensibles")
    answers = {name: f"inicio.{name}" for name in names}
    step = {"id": "otro", "kind": kind, "title": "Otro", "procedure": child, "answers": answers, "next": "sello"}
    return begin(story, {**step, "agency": "muni-ejemplo"})


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["subcase", "referral"])
def test_a_case_that_was_not_opened_is_missed_until_it_is(story: Story, kind: str) -> None:
    case = opening(story, kind)
    assert lost_among(case.task_set.filter(step_kind=kind)) == {kind: 1}
    story.work()
    assert lost_among(case.task_set.filter(step_kind=kind)) == {}


@pytest.mark.django_db
def test_a_question_put_under_another_key_is_one_too_many(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"vigente": {"path": "vigente", "type": "yes_no"}}
    step = {"id": "consulta", "kind": "service", "title": "Consulta", "connector": "registro", "values": values}
    begin(story, {**step, "inputs": {"rut": "inicio.rut"}, "on_failure": "wait", "next": "sello"})
    monkeypatch.setattr(fault_cases, "CODE", "muni-ejemplo")
    monkeypatch.setattr(fault_cases, "_stands_as_logged", lambda case: True)
    for keys, doubled in ((["job-1", "job-1"], 0), (["job-1", "job-2"], 1)):
        monkeypatch.setattr(weather, "noted", lambda journal, keys=keys: {"floor": ["0"], "registry": keys}[journal])
        found = {verdict.name: verdict for verdict in Cases().verdicts()}
        assert (found["paso service"].jobs, found["paso service"].doubled) == (1, doubled)
