"""Procedures made at random and run at random through the real commands: a case never stalls, doubles or leaks.

`./run manage prove --cases 10000` runs as many as one likes; `DATABASE_URL` chooses the database here and there.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from pathlib import Path
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as hypothesis

from procedures.api import STEP_KINDS, check_data
from tests.jobs import databases
from tests.story import MORNING
from workflows import deadlines
from workflows.commands import deciding, reviewing
from workflows.management.commands import prove as command
from workflows.nodes.joins import JoinRule
from workflows.proof.machine import Machine
from workflows.proof.making import child, procedures
from workflows.proof.running import Proven, prove
from workflows.proof.tokens import Told
from workflows.steps import law, leftovers

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


def test_every_kind_of_step_is_made() -> None:
    """A kind that is new to the language is new to the proof as well."""
    missing = set(STEP_KINDS)

    @hypothesis(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @seed(SEED)
    @given(procedures())
    def look(procedure: dict[str, object]) -> None:
        missing.difference_update(re.findall(r'"kind": "(\w+)"', json.dumps(procedure["steps"])))

    look()
    assert missing == set()


def test_the_gate_lets_the_linked_procedure_through() -> None:
    assert check_data(child()).errors == []


@pytest.fixture(params=["join", "leftover", "stop", "overtaken", "decided", "anew"])
def broken_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An engine with a fault that the proof must find."""
    if request.param == "join":
        monkeypatch.setattr(JoinRule, "is_met", lambda self, arrived, total, awaited: bool(arrived))
    elif request.param == "leftover":
        monkeypatch.setattr(leftovers, "drop", lambda run, task, why: None)
    elif request.param == "stop":
        monkeypatch.setattr(law, "stop_others", lambda run, keep=None: None)
    elif request.param == "overtaken":
        monkeypatch.setattr(deciding, "_overtake", lambda run, act: None)
    elif request.param == "decided":
        monkeypatch.setattr(deadlines, "decided", lambda run, on: None)
    else:
        monkeypatch.setattr(reviewing, "_decide_anew", lambda *of, **more: None)
    return str(request.param)


@pytest.mark.django_db
def test_the_proof_finds_an_engine_that_is_broken(broken_engine: str) -> None:
    """The control: joins that do not wait, branches left open behind a block, a case that goes on while it ends,
    a decision that ends neither what else was pending nor its time, and an appeal that does nothing to the case."""
    assert prove(cases=300, began=MORNING, seeded=SEED, shrink=False).failure


IN_PARTS = f"""
from django.core.management import execute_from_command_line
from workflows.management.commands import prove
prove.PER_PROCESS = {ON_POSTGRESQL // 2}
execute_from_command_line(["", "prove", "--cases", "{ON_POSTGRESQL}", "--seed", "{SEED}", "--at-once", "2"])
"""


@pytest.mark.timeout(1200)
@pytest.mark.services
def test_it_holds_on_postgresql_too(tmp_path: Path, postgres_url: str) -> None:
    """By the long command, in two parts at once, which prints their seeds and ends with a line of JSON."""
    env = databases.environment(tmp_path, DATABASE_URL=postgres_url)
    told = json.loads(databases.output(databases.python(IN_PARTS, env=env)).splitlines()[-1])
    assert told["database"] == "postgresql"
    assert told["cases"] >= ON_POSTGRESQL
    assert told["seeds"] == [SEED, SEED + 1]
    assert told["failed"] == []


def proven_by(part: Callable[[int, int], dict[str, object]], at_once: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the command prints of five cases, two in each part, of which `part` tells what it would."""
    monkeypatch.setattr(command, "PER_PROCESS", 2)
    monkeypatch.setattr(command, "_in_a_process", part)
    printed = StringIO()
    with suppress(CommandError):
        call_command("prove", "--cases", "5", "--seed", "7", "--at-once", str(at_once), stdout=printed)
    return printed.getvalue()


def test_parts_run_so_many_at_once_as_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    all_three = Barrier(3, timeout=60)  # seconds until it breaks, where they run one after another

    def meet(cases: int, seed: int) -> dict[str, object]:
        all_three.wait()
        return {"cases": cases, "seed": seed, "seconds": 0, "failure": ""}

    told = json.loads(proven_by(meet, 3, monkeypatch).splitlines()[-1])
    assert (told["cases"], told["seeds"], told["failed"]) == (5, [7, 8, 9], [])


def test_after_a_part_that_failed_no_other_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_second(cases: int, seed: int) -> dict[str, object]:
        return {"cases": cases, "seed": seed, "seconds": 0, "failure": "Una regla." if seed == 8 else ""}

    printed = proven_by(fail_second, 1, monkeypatch)
    told = json.loads(printed.splitlines()[-1])
    assert (told["seeds"], told["failed"]) == ([7, 8], [8])
    assert "Una regla." in printed


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


def test_the_second_engine_does_first_what_is_done_at_once() -> None:
    """A branch that only looks something up ends the block; the other has looked as well before it is dropped."""
    fact = {"fact": "hecho", "key": "inicio.nombre"}
    branches = [
        [{"id": "mira", "kind": "lookup", **fact, "next": "join"}],
        [{"id": "anota", "kind": "register", **fact, "next": "sigue"}, {"id": "sigue", "kind": "task", "next": "join"}],
    ]
    block = {"id": "bloque", "kind": "parallel", "join": "any", "branches": branches, "next": "decide"}
    machine = Machine(
        {"steps": [{"id": "inicio", "kind": "start", "next": "bloque"}, block, {"id": "decide", "kind": "task"}]}
    )
    machine.tell(Told("case.started", {}))
    machine.tell(Told("fact.looked_up", {"step": "mira", "found": False}))
    assert machine.standing() == Counter({("anota", 0, False): 1})
    machine.tell(Told("fact.registered", {"step": "anota"}))
    assert machine.standing() == Counter({("decide", 0, False): 1})
    assert machine.dropped == Counter({"sigue": 1})


def test_the_second_engine_refuses_a_report_called_overtaken_that_is_not() -> None:
    machine, came = in_two_rounds(), {"step": "tarde"}
    machine.tell(Told("task.completed", came, {}, is_late=True))
    with pytest.raises(AssertionError):
        machine.tell(Told("task.completed", came, {}, is_late=True))
