"""Several processes on one database: one claims, each job is dispatched once, and an effect happens once."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from jobs.dispatcher import CAP
from tests.jobs.databases import environment, output, python

JOBS = 60


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def env(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of processes that share a private, empty database."""
    url = {"DATABASE_URL": request.getfixturevalue("postgres_url")} if request.param == "postgres" else {}
    return environment(tmp_path, **url)


def race(what: str, env: dict[str, str]) -> dict[str, Any]:
    """What four processes report, and the rows at the end."""
    report: dict[str, Any] = json.loads(
        output(python(f"from tests.jobs.race import main; main({what!r}, {JOBS})", env=env))
    )
    return report


def calls(report: dict[str, Any]) -> Counter[str]:
    return Counter(key for one in report["reports"] for key in one["calls"])


def test_of_four_workers_with_the_same_messages_one_runs_each_job(env: dict[str, str]) -> None:
    report = race("run", env)
    assert (len(calls(report)), set(calls(report).values())) == (JOBS, {1})
    assert sum(one["done"] for one in report["reports"]) == 2 * JOBS
    assert {(row["state"], row["attempts"]) for row in report["rows"]} == {("done", 1)}
    assert {row["agency_id"] for row in report["rows"] if row["kind"] == "toy.count"} == {1}


def test_control_without_compare_and_set_effects_are_repeated(env: dict[str, str]) -> None:
    report = race("control", env)
    assert max(calls(report).values()) > 1
    assert max(row["agency_id"] for row in report["rows"]) > 1


def test_of_four_dispatchers_one_sends_each_job(env: dict[str, str]) -> None:
    sent = Counter(job_id for one in race("dispatch", env)["reports"] for job_id in one["sent"])
    assert set(sent.values()) == {1}
    assert len(sent) >= JOBS + CAP["mail"]
