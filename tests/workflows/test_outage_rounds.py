"""An outage reaches the clocks of any number of cases in batches, each job writing the next one (R52)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.models import Document
from jobs.api import run_job
from jobs.crash_points import set_observer
from jobs.models import Job
from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.commands import outages
from workflows.models import Deadline, DeadlineChange, Outage

pytestmark = pytest.mark.django_db
CASES = 5
KINDS = (outages.SPREAD, outages.OUTAGE, outages.CERTIFY)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> Story:
    """Five cases, and batches of two."""
    monkeypatch.setattr(outages, "BATCH", 2)
    story = Story.begin()
    for _one in range(CASES):
        story.file()
    story.now += timedelta(days=2)
    return story


def stated(story: Story) -> outages.Stated:
    return outages.Stated(story.now - timedelta(hours=5), story.now - timedelta(hours=1), "Corte de luz", "Res. 8")


def record(story: Story) -> Outage:
    by = story.people["Inés"]
    return outages.record_outage(agency=story.agency, stated=stated(story), by=by, now=story.now)


def work(story: Story) -> None:
    """Run the jobs about outages that are due, and those that they cause; mails and seals are left alone."""
    while jobs := list(Job.objects.filter(kind__in=KINDS, finished_at=None, run_at__lte=story.now).order_by("pk")):
        for job in jobs:
            run_job(job.pk, story.now)


def run_all(story: Story) -> None:
    """Every batch, and what each asks for."""
    for _batch in range(CASES):
        work(story)
        story.now += outages.PAUSE


def cases_noted() -> int:
    return DeadlineChange.objects.values("deadline__case_id").distinct().count()


def certificates() -> int:
    return Document.objects.filter(title="Constancia de interrupción de la plataforma").count()


def test_recording_costs_the_same_however_many_cases_it_touches(story: Story) -> None:
    with CaptureQueriesContext(connection) as few:
        record(story)
    Outage.objects.all().delete()
    for _one in range(CASES):
        story.file()
    with CaptureQueriesContext(connection) as many:
        record(story)
    assert len(many) == len(few)


def test_its_reach_is_counted_before_anybody_publishes_it(story: Story) -> None:
    reach = outages.preview_outage(agency=story.agency, stated=stated(story), by=story.people["Inés"], now=story.now)
    assert (reach.cases, reach.given_time) == (CASES, 0)
    assert (reach.clocks >= CASES, Outage.objects.count()) == (True, 0)


def test_each_batch_asks_for_the_next_and_staff_see_how_many_are_left(story: Story, visitor: Visitor) -> None:
    outage = record(story)
    page = text_of(visitor("Inés").get(at("outages")))
    assert "faltan 5 solicitudes" in page
    assert "No corría ningún plazo" not in page
    work(story)
    assert cases_noted() == 2
    assert "Se está anotando" in text_of(visitor("Inés").get(at("outages")))
    run_all(story)
    outage.refresh_from_db()
    assert outage.asked_at is not None
    assert "Se está anotando" not in text_of(visitor("Inés").get(at("outages")))
    assert cases_noted() == certificates() == CASES


def test_a_process_that_dies_between_two_batches_leaves_none_out_and_none_twice(story: Story) -> None:
    record(story)
    work(story)
    second = Job.objects.filter(kind=outages.SPREAD, finished_at=None).get()

    def die(point: str, job_id: int) -> None:
        if point == "finishing" and job_id == second.pk:
            raise Killed

    story.now += outages.PAUSE
    before = Job.objects.count()
    set_observer(die)
    try:
        with pytest.raises(Killed):
            work(story)
    finally:
        set_observer(None)
    assert Job.objects.filter(kind=outages.OUTAGE).count() == 2, "what the dead one wrote is not there"
    assert Job.objects.count() == before
    run_all(story)
    assert cases_noted() == certificates() == CASES


@pytest.mark.parametrize("how", [Deadline.State.EXPIRED, Deadline.State.MET])
def test_a_clock_that_ends_while_the_batches_go_on_is_noted_all_the_same(story: Story, how: str) -> None:
    outage = record(story)
    last = outages.touched(outage).order_by("-case_id", "pk")[0]
    story.now += timedelta(seconds=30)
    Deadline.objects.filter(pk=last.pk).update(state=how, closed_at=story.now)
    Deadline.objects.filter(pk=last.pk).update(due_on=story.now.date() + timedelta(days=1))
    run_all(story)
    assert last.changes.filter(outage=outage).exists()


def test_clocks_noted_before_there_were_certificates_get_theirs_once(story: Story) -> None:
    record(story)
    run_all(story)
    noted = DeadlineChange.objects.count()
    DeadlineChange.objects.update(certificate=None)
    Document.objects.filter(title="Constancia de interrupción de la plataforma").update(title="Otra")
    for _day in range(2):
        story.now += timedelta(days=1)
        Job.objects.create(
            kind=outages.CERTIFY, queue="bulk", max_attempts=8, payload={}, run_at=story.now, created_at=story.now
        )
        run_all(story)
        assert certificates() == CASES
    assert not DeadlineChange.objects.filter(certificate=None).exists()
    assert DeadlineChange.objects.count() == noted, "nothing was noted twice"


def test_a_clock_that_ran_out_with_the_outage_comes_before_all_others(story: Story) -> None:
    last = Deadline.objects.order_by("-case_id")[0]
    Deadline.objects.filter(pk=last.pk).update(due_on=story.now.date())
    job: Any = Job.objects.get(kind=outages.SPREAD, payload__outage=record(story).pk)
    assert outages.spread_outage(job, story.now) == {"cases": 1}
    assert Job.objects.get(kind=outages.OUTAGE).case_id == last.case_id
