"""What the table does for itself: a daily turn, rows that ended long ago, and jobs that nothing can be done for."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from pytest_django import Settings

from jobs import api, operations, registry
from jobs.errors import CaseMissing
from jobs.handlers import Housekeeping
from jobs.models import Job
from tests.jobs.conftest import NOW, Recorder, Register

pytestmark = pytest.mark.django_db
State = Job.State
DAY = timedelta(days=1)


def put(**options: Any) -> Job:
    return api.enqueue(kind="toy.pure", payload={}, now=NOW, **options)


@pytest.fixture(autouse=True)
def _kinds(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    register(registry.PureHandler("toy.pure", lambda job, now: {}), Recorder(kind="toy.daily"))
    monkeypatch.setattr(registry, "_recurring", {})


def test_rows_that_ended_long_ago_go_and_what_somebody_may_need_stays(settings: Settings) -> None:
    settings.KEEP_JOBS = 90 * DAY
    old, keyed, fresh = put(), put(dedup_key="once"), put()
    for job in (old, keyed):
        api.run_job(job.pk, NOW)
    api.run_job(fresh.pk, NOW + 60 * DAY)
    dead, waiting = put(), put(run_at=NOW + 900 * DAY)
    Job.objects.filter(pk=dead.pk).update(state=State.DEAD, run_at=None, finished_at=NOW)
    assert operations.remove_finished(now=NOW + 91 * DAY) == 1
    assert {job.pk for job in Job.objects.all()} == {keyed.pk, fresh.pk, dead.pk, waiting.pk}


def test_many_rows_go_in_short_transactions(monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any) -> None:
    monkeypatch.setattr(operations, "REMOVED_AT_ONCE", 10)
    done = {"kind": "toy.pure", "state": State.DONE, "run_at": None, "created_at": NOW, "finished_at": NOW}
    Job.objects.bulk_create(Job(**done) for _ in range(25))
    with django_assert_num_queries(7):
        assert operations.remove_finished(now=NOW + 91 * DAY) == 25


def test_the_housekeeping_is_a_job_like_any_other() -> None:
    job = put()
    api.run_job(job.pk, NOW)
    with time_machine.travel(NOW + 91 * DAY):
        turn = api.enqueue(kind=Housekeeping.kind, payload={}, now=NOW)
        assert api.run_job(turn.pk) is api.Outcome.DONE
    turn.refresh_from_db()
    assert turn.result == {"removed": 1}


def test_a_daily_job_has_one_row_and_is_due_again_after_a_day() -> None:
    registry.every_day("toy.daily")
    assert operations.make_recurring_due(NOW) == 0
    row = Job.objects.get(dedup_key="recurring:toy.daily")
    assert row.run_at == NOW
    assert api.run_job(row.pk, NOW) is api.Outcome.DONE
    operations.make_recurring_due(NOW + DAY / 2)
    assert Job.objects.get().state == State.DONE
    assert operations.make_recurring_due(NOW + DAY) == 1
    assert api.run_job(row.pk, NOW + DAY) is api.Outcome.DONE
    assert Job.objects.count() == 1


def test_a_daily_job_that_died_tries_again_the_next_day() -> None:
    registry.every_day("toy.daily")
    operations.make_recurring_due(NOW)
    Job.objects.update(state=State.DEAD, run_at=None, finished_at=NOW, attempts=3)
    operations.make_recurring_due(NOW + DAY)
    assert Job.objects.values_list("state", "attempts").get() == (State.READY, 0)


def missing(case_id: int) -> None:
    raise CaseMissing


@pytest.mark.parametrize("kind", ["toy.pure", "toy.daily"])
def test_a_job_whose_case_is_missing_is_dead_at_once_and_an_operator_sees_it(
    kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "_case_lock", missing)
    job = api.enqueue(kind=kind, payload={}, now=NOW, case_id=404)
    assert api.run_job(job.pk, NOW) is api.Outcome.DEAD
    job.refresh_from_db()
    assert (job.state, job.run_at) == (State.DEAD, None)
    assert job.last_error == "CaseMissing: El caso de este trabajo no existe."
    call_command("jobs", "list")
    assert "caso 404" in capsys.readouterr().out
