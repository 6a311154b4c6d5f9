"""Several processes on one database: one claims, each job is dispatched once, and an effect happens once."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.databases import environment, migrate, output, python, together

JOBS = 40
TOYS = """
import random, sys, time
from datetime import timedelta
from django.db import connection, transaction
from django.db.models import F
from jobs import api, execution, registry
from jobs.models import Job
from legaltime.api import now
from tests.jobs.conftest import Recorder

def count(job, moment):
    "Adds one to a counter in the payload of the job itself."
    Job.objects.filter(pk=job.pk).update(agency_id=F("agency_id") + 1)

toy = Recorder(kind="toy.call", behave=lambda key: time.sleep(0.002) or {})
for handler in (toy, registry.PureHandler("toy.count", count)):
    registry.register_external(handler)
"""
FILL = (
    TOYS
    + """
for kind in ("toy.call", "toy.count"):
    for _ in range(int(sys.argv[1])):
        api.enqueue(kind=kind, payload={}, now=now(), agency_id=0)
"""
)
RACE = (
    TOYS
    + """
import json
from jobs.execution import Outcome
ids = list(Job.objects.order_by("id").values_list("id", flat=True))
random.Random(sys.argv[1]).shuffle(ids)
outcomes = [api.run_job(job_id) for job_id in ids]
print(json.dumps({"calls": toy.calls, "done": outcomes.count(Outcome.DONE)}))
"""
)
WITHOUT_COMPARISON = """
def claim_anything(job, handler, clock):
    from uuid import uuid4
    token = uuid4()
    Job.objects.filter(pk=job.pk).update(state="running", token=token, attempts=1, run_at=clock() + timedelta(minutes=1))
    job.attempts += 1
    return execution._Attempt(job, handler, clock, token, ask_first=False)
execution._claim = claim_anything
"""
DISPATCH = (
    TOYS
    + """
import json
from jobs.dispatcher import mark_due
found = []
while messages := mark_due(now()):
    found += [job_id for message in messages for job_id in message.job_ids]
print(json.dumps(found))
"""
)
RESULT = (
    TOYS
    + """
import json
print(json.dumps([[job.kind, job.state, job.agency_id, job.attempts] for job in Job.objects.all()]))
"""
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def env(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of processes that share a private, migrated database with jobs in it."""
    url = {"DATABASE_URL": request.getfixturevalue("postgres_url")} if request.param == "postgres" else {}
    made = environment(tmp_path, **url)
    migrate(made, "jobs")
    output(python(FILL, str(JOBS), env=made))
    return made


def race(env: dict[str, str], change: str = "") -> tuple[Counter[str], int]:
    """Four processes run all jobs at once: how often each external call was made, and how many attempts were done."""
    reports = [
        json.loads(line) for line in together(TOYS + change + RACE.removeprefix(TOYS), "1", env=env, processes=4)
    ]
    calls = Counter(key for report in reports for key in report["calls"])
    return calls, sum(report["done"] for report in reports)


def test_of_four_workers_with_the_same_messages_one_runs_each_job(env: dict[str, str]) -> None:
    calls, done = race(env)
    assert set(calls.values()) == {1}
    assert (len(calls), done) == (JOBS, 2 * JOBS)
    rows = json.loads(output(python(RESULT, env=env)))
    assert {(state, attempts) for _, state, _, attempts in rows} == {("done", 1)}
    assert {effects for kind, _, effects, _ in rows if kind == "toy.count"} == {1}


def test_control_without_compare_and_set_effects_are_repeated(env: dict[str, str]) -> None:
    calls, _ = race(env, WITHOUT_COMPARISON)
    assert max(calls.values()) > 1
    rows = json.loads(output(python(RESULT, env=env)))
    assert max(effects for kind, _, effects, _ in rows if kind == "toy.count") > 1


def test_of_four_dispatchers_one_sends_each_job(env: dict[str, str]) -> None:
    sent = Counter(job_id for line in together(DISPATCH, env=env, processes=4) for job_id in json.loads(line))
    assert set(sent.values()) == {1}
    assert len(sent) == 40 + JOBS  # the mail queue has room for 40
