"""The fault harness finds nothing lost or doubled, and finds losses when the lease is taken away."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.jobs.databases import ROOT, environment
from tests.services import migrated


@pytest.fixture
def tables(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Gives the DATABASE_URL of a new SQLite file with its tables: making them takes longer than many a fault."""
    return lambda: f"sqlite:///{migrated.copied_into(tmp_path_factory.mktemp('tables'))}"


def faults(folder: Path, *arguments: str) -> tuple[int, dict[str, int], str]:
    """Exit code, figures of the last line and the whole output of a run."""
    command = [sys.executable, "manage.py", "faults", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, timeout=580)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stdout


def jobs_of_each_kind(output: str) -> dict[str, int]:
    """How many jobs the table of a run tells of each kind of work."""
    rows = [re.fullmatch(r"(\w+) +(\d+) +\d+ +\d+ +\d+", line) for line in output.splitlines()]
    return {row[1]: int(row[2]) for row in rows if row}


def test_real_processes_that_are_killed_lose_nothing_and_double_nothing(
    tmp_path: Path, tables: Callable[[], str]
) -> None:
    code, figures, output = faults(tmp_path, "--runs", "0", "--seconds", "8", "--database", tables())
    assert (code, figures["lost"], figures["doubled"]) == (0, 0, 0), output
    looked_at = jobs_of_each_kind(output)
    assert looked_at.pop("decisión") == 0, output
    assert set(looked_at) == {"plazo", "registro", "documento", "correo"}
    assert min(looked_at.values()) > 0, output


def test_control_without_leases_work_is_lost_and_a_line_says_how_to_repeat_it(
    tmp_path: Path, tables: Callable[[], str]
) -> None:
    code, figures, output = faults(tmp_path, "--runs", "20", "--without-lease", "--seed", "1", "--database", tables())
    assert code == 1
    assert figures["lost"] > 0
    assert "Para repetirla: ./run manage faults --seed" in output


def test_simulated_faults_lose_and_double_nothing_a_seed_decides_them_and_the_data_of_the_site_stay_alone(
    tmp_path: Path, tables: Callable[[], str]
) -> None:
    run = ("--runs", "15", "--seconds", "0", "--seed", "11", "--database")
    first, second = (faults(tmp_path, *run, tables()) for _ in range(2))
    code, figures, output = first
    assert (code, figures["lost"], figures["doubled"]) == (0, 0, 0), output
    assert figures["faults"] > 40
    assert figures["jobs"] > 150
    assert first == second
    assert [path.name for path in tmp_path.iterdir() if path.name != "keys"] == []


@pytest.mark.services
def test_the_same_holds_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    code, figures, output = faults(tmp_path, "--runs", "5", "--seconds", "0", "--database", postgres_url)
    assert (code, figures["lost"], figures["doubled"]) == (0, 0, 0), output
