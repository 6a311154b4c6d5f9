"""A holiday declared while clocks run is no business day for them either (Ley 19.880 art. 25; R7)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from jobs.models import Job
from legaltime.operations import record_override, remove_override
from notifications.models import Notice
from tests.story import Story
from tests.workflows.flows import begin, days, report
from workflows.commands import clocks, holidays
from workflows.models import Case, Deadline

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 3, 10)


def declare(story: Story, day: date = TUESDAY, **changes: Any) -> None:
    facts = {"place": "", "is_holiday": True, "name": "Duelo nacional", "legal_source": "Ley 21.999", "by": "operator"}
    record_override(day=day, now=story.now, **{**facts, **changes})
    story.work()


def begun(story: Story, amount: int = 5, **more: Any) -> Case:
    """A case with a clock that runs from Wednesday 4 March."""
    return begin(story, report("uno", following="sello", deadline=days(amount, **more)))


def clock_of(case: Case) -> Deadline:
    return Deadline.objects.get(case=case, step_id="uno")


def test_a_clock_that_crosses_it_ends_a_business_day_later_and_does_not_run_out_before_r7(story: Story) -> None:
    case = begun(story)
    assert clock_of(case).due_on == date(2026, 3, 11)
    declare(story)
    clock = clock_of(case)
    assert clock.due_on == date(2026, 3, 12)
    assert "10/03/2026 se declaró feriado" in clock.explanation["notes"][-1]
    assert case.task_set.get(step_id="uno").due_on == date(2026, 3, 12)
    story.now = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
    story.work()
    assert clock_of(case).state == Deadline.State.RUNNING
    story.now = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
    story.work()
    assert clock_of(case).state == Deadline.State.EXPIRED


def test_the_last_day_itself_becomes_the_next_one_r7(story: Story) -> None:
    case = begun(story, 4)
    declare(story)
    assert clock_of(case).due_on == date(2026, 3, 11)


def test_what_it_does_not_touch_stays_r7(story: Story) -> None:
    case = begun(story)
    for day, place in ((TUESDAY, "16101"), (date(2026, 3, 4), ""), (date(2026, 3, 12), ""), (date(2026, 3, 8), "")):
        declare(story, day, place=place)
    assert clock_of(case).due_on == date(2026, 3, 11)


def test_one_withdrawn_before_the_clocks_were_counted_again_moves_none_r7(story: Story) -> None:
    """Whoever wrote another day by mistake takes it back at once; the jobs that it left give nobody a day."""
    case = begun(story)
    said = {"name": "Duelo nacional", "legal_source": "Ley 21.999", "by": "operator"}
    record_override(day=TUESDAY, place="", is_holiday=True, now=story.now, **said)
    remove_override(day=TUESDAY, place="")
    story.work()
    assert clock_of(case).due_on == date(2026, 3, 11)


def test_where_the_commune_works_that_day_its_clocks_go_on_r7(story: Story) -> None:
    case = begun(story)
    declare(story, is_holiday=False, place=case.agency.commune)
    declare(story)
    assert clock_of(case).due_on == date(2026, 3, 11)


def test_it_counts_once_however_often_it_is_said_and_nobody_loses_a_day_again_r7(story: Story) -> None:
    case = begun(story)
    declare(story)
    declare(story, name="Duelo nacional por tres días")
    job = Job.objects.get(kind=holidays.RECOUNT, case_id=case.pk)
    assert holidays.recount_clocks(job, story.now) == {"clocks": 0}
    later = story.file("prueba")
    assert holidays.recount_clocks(Job(payload=job.payload, case_id=later.pk), story.now) == {"clocks": 0}
    remove_override(day=TUESDAY, place="")
    story.work()
    assert clock_of(case).due_on == date(2026, 3, 12)


def test_a_clock_that_was_given_more_time_keeps_it_r7(story: Story) -> None:
    case = begun(story)
    beto = story.people["Beto"]
    clocks.extend(case=case, deadline_id=clock_of(case).pk, amount=2, reason="Falta", by=beto, now=story.now)
    declare(story, date(2026, 3, 12))
    assert clock_of(case).due_on == date(2026, 3, 16)


def test_whoever_must_act_is_told_of_the_new_last_day_r7(story: Story) -> None:
    case = story.file(rol_sii="1-1")
    story.do(case, "admision", resultado="observar", observaciones="Corrige el rol.")
    clock = Deadline.objects.get(case=case, step_id="correccion")
    clock.starts_on, clock.due_on, clock.state = date(2026, 3, 4), date(2026, 3, 11), Deadline.State.RUNNING
    clock.save()
    declare(story)
    told = Notice.objects.filter(person=story.people["Ana"], subject__startswith="Tienes un día hábil más")
    assert [notice.body.count("12 de marzo") or notice.body.count("12/03/2026") for notice in told] == [1]


def test_a_time_of_months_moves_only_where_its_last_day_is_the_holiday_r7(story: Story) -> None:
    case = story.file(rol_sii="1-1")
    assert case.due_on == date(2026, 9, 4)
    declare(story)
    case.refresh_from_db()
    assert case.due_on == date(2026, 9, 4)
    declare(story, date(2026, 9, 4))
    case.refresh_from_db()
    assert case.due_on == date(2026, 9, 7), "a Monday"
