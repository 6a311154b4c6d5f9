"""Procedures made at random and run at random through the real commands: a case never stalls, doubles or leaks.

`./run manage prove --cases 10000` runs as many as one likes; `DATABASE_URL` chooses the database here and there.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis

from procedures.api import check_data
from tests.jobs import databases
from tests.story import MORNING
from workflows.nodes.joins import JoinRule
from workflows.proof.machine import Machine, Told
from workflows.proof.making import child, procedures
from workflows.proof.running import Proven, prove
from workflows.steps import leftovers

ON_SQLITE, ON_POSTGRESQL = 260, 40
"""Three hundred in continuous integration. A case costs a quarter of a second, on PostgreSQL more."""
SEED = 20260304


@pytest.mark.timeout(1200)
@pytest.mark.django_db
def test_a_case_of_any_procedure_ends_once_by_its_act_and_as_its_log_says() -> None:
    cases = ON_SQLITE if connection.vendor == "sqlite" else ON_POSTGRESQL
    assert_holds(prove(cases=cases, began=MORNING, seeded=SEED))


def assert_holds(proven: Proven) -> None:
    assert proven.failure == "", f"--seed {proven.seed}\n{proven.failure}"


@hypothesis(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(procedures())
def test_the_gate_lets_through_whatever_is_made(procedure: dict[str, object]) -> None:
    assert [finding.message for finding in check_data(procedure).errors] == []


def test_the_gate_lets_the_linked_procedure_through() -> None:
    assert check_data(child()).errors == []


@pytest.fixture(params=["join", "leftover"])
def broken_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An engine with a fault that the proof must find."""
    if request.param == "join":
        monkeypatch.setattr(JoinRule, "is_met", lambda self, arrived, total, awaited: bool(arrived))
    else:
        monkeypatch.setattr(leftovers, "drop", lambda run, task, why: None)
    return str(request.param)


@pytest.mark.django_db
def test_the_proof_finds_an_engine_that_is_broken(broken_engine: str) -> None:
    """The control: joins that do not wait, and branches that stay open behind a block."""
    assert prove(cases=60, began=MORNING, seeded=SEED, shrink=False).failure


@pytest.mark.timeout(1200)
@pytest.mark.services
def test_it_holds_on_postgresql_too(tmp_path: Path, postgres_url: str) -> None:
    """By the long command, which prints its seeds and ends with a line of JSON."""
    env = databases.environment(tmp_path, DATABASE_URL=postgres_url)
    command = [sys.executable, "manage.py", "prove", "--cases", str(ON_POSTGRESQL), "--seed", str(SEED)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=settings.BASE_DIR)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["database"] == "postgresql"
    assert told["cases"] >= ON_POSTGRESQL
    assert told["failed"] == []


def in_two_rounds() -> Machine:
    """The second engine after a block that accepts late reports ran twice, and «tarde» came in neither round."""
    branches = [[{"id": name, "kind": "task", "next": "join"}] for name in ("tarde", "pronto")]
    block = {"id": "bloque", "kind": "parallel", "join": "any", "leftover": "accept", "branches": branches}
    again = {"when": {"all": [{"field": "decide.otra", "value": True}]}, "goto": "bloque"}
    steps = [
        {"id": "inicio", "kind": "start", "next": "bloque"},
        {**block, "next": "decide"},
        {"id": "decide", "kind": "task", "next": [again, {"otherwise": "fin"}]},
        {"id": "fin", "kind": "end", "outcome": "issued"},
    ]
    machine = Machine({"steps": steps})
    machine.tell(Told("case.started", {}))
    for step, answers in (("pronto", {}), ("decide", {"otra": True}), ("pronto", {})):
        machine.tell(Told("task.completed", {"step": step}, answers))
    assert machine.standing() == Counter({("tarde", 0, True): 2, ("decide", 0, False): 1})
    return machine


def test_the_second_engine_knows_of_which_round_a_late_report_is() -> None:
    machine, came = in_two_rounds(), {"step": "tarde"}
    machine.tell(Told("task.completed", came, {"nota": 1}, is_late=True, is_overtaken=True))
    assert "tarde" not in machine.data
    machine.tell(Told("task.completed", came, {"nota": 2}, is_late=True))
    assert machine.data["tarde"] == {"nota": 2}


def test_the_second_engine_refuses_a_report_called_overtaken_that_is_not() -> None:
    machine, came = in_two_rounds(), {"step": "tarde"}
    machine.tell(Told("task.completed", came, {}, is_late=True))
    with pytest.raises(AssertionError):
        machine.tell(Told("task.completed", came, {}, is_late=True))
