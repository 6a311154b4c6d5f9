"""The progress dashboard: cases counted by jobs into months, recounted every night, and no page that counts them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from participation.models import CaseMonth, MonthDifference
from participation.operations import figures, progress
from participation.queries import progress as reads
from participation.rules.demand import MINIMUM
from participation.rules.months import following, middle, months_until
from tests.story import Story
from workflows.commands.counter import counter_post
from workflows.models import Attendance, Case, Channel, Draft

GROWS = {
    *("workflows_case", "workflows_draft", "participation_support", "participation_evidence"),
    *("participation_knew", "participation_exposurecount", "participation_worthit"),
}
"""Tables with a row for each case, support or visit."""
STATEMENTS = {"/avance/": 24, "/avance/?institucion=muni-ejemplo": 24, "/avance/datos.csv": 4, "/avance/datos.json": 6}
"""Each address, and the most statements it may take, the session's among them."""


@pytest.fixture
def story() -> Story:
    """Cases of two months ago that ended in one, two, three… days, and one of this month."""
    story = Story.begin()
    for days in range(1, MINIMUM + 1):
        case = story.file()
        filed = story.now - timedelta(days=60)
        ended = {"filed_at": filed, "finished": filed + timedelta(days=days)}
        Case.objects.filter(pk=case.pk).update(**ended)
    story.file()
    progress.fold_months(now=story.now)
    figures.fold_figures(now=story.now)
    return story


@pytest.mark.django_db
@pytest.mark.parametrize("path", STATEMENTS)
def test_no_page_of_the_dashboard_counts_cases_supports_or_visits(path: str, story: Story, client: Client) -> None:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200
    said = [one["sql"] for one in asked]
    assert [sql for sql in said if any(f'"{table}"' in sql for table in GROWS)] == []
    assert len(said) <= STATEMENTS[path]


@pytest.mark.django_db
def test_cases_are_counted_by_month_and_channel_with_the_days_they_took(story: Story) -> None:
    today = story.now.date()
    months = reads.case_months(today)
    assert [(one.month.isoformat(), one.filed) for one in months if one.filed] == [("2026-01-01", 5), ("2026-03-01", 1)]
    assert months == reads.case_months(today, "") != reads.case_months(today, story.agency.code)
    assert reads.by_channel(months) == [(str(Channel.WEB.label), MINIMUM + 1)]
    assert reads.median_days(months) == 3.0
    assert reads.median_days(months[-1:]) is None
    assert reads.busiest(today) == [(story.agency.name, MINIMUM + 1)]


@pytest.mark.django_db
def test_the_hour_counts_the_month_under_way_anew_and_nothing_twice(story: Story) -> None:
    story.file()
    assert progress.fold_months(now=story.now) == 1
    assert reads.filed_by_code(story.now.date()) == {story.agency.code: MINIMUM + 2}


@pytest.mark.django_db
def test_what_the_institution_begins_by_itself_is_not_counted_as_asked_for(story: Story) -> None:
    Case.objects.filter(finished=None).update(channel=Channel.OWN_MOTION)
    progress.fold_months(now=story.now)
    assert reads.filed_by_code(story.now.date()) == {story.agency.code: MINIMUM}


@pytest.mark.django_db
def test_a_counter_counts_only_what_was_filed_at_it(story: Story) -> None:
    julia, bruno = story.people["Julia"], story.people["Bruno"]
    post = counter_post(julia, story.now.date())
    assert post is not None
    who = {"agency": story.agency, "official": julia, "membership": post, "person": bruno, "started_at": story.now}
    for channel in (Channel.COUNTER, Channel.PHONE, Channel.WEB):
        held = Channel.PHONE if channel == Channel.PHONE else Channel.COUNTER
        case = story.file(who="Bruno")
        Case.objects.filter(pk=case.pk).update(channel=channel)
        Draft.objects.filter(ref=case.ref).update(attendance=Attendance.objects.create(channel=held, **who))
    progress.fold_months(now=story.now)
    assert CaseMonth.objects.get(agency=story.agency, month=date(2026, 3, 1)).attended == 1


@pytest.mark.django_db
def test_a_past_month_changed_by_hand_is_mended_and_the_difference_published(story: Story, client: Client) -> None:
    assert progress.recount_months(now=story.now) == 0
    CaseMonth.objects.filter(agency=story.agency, month=date(2026, 1, 1)).update(filed=999)
    assert progress.recount_months(now=story.now) == 1
    difference = MonthDifference.objects.get()
    assert difference.shown - difference.recounted == 999 - MINIMUM
    assert CaseMonth.objects.get(agency=story.agency, month=date(2026, 1, 1)).filed == MINIMUM
    assert f"decía {difference.shown}" in client.get("/avance/").content.decode()
    [told] = client.get("/avance/datos.json").json()["diferencias"]
    assert (told["mes"], told["recuento"]) == ("2026-01", difference.recounted)


@pytest.mark.parametrize(
    ("counted", "expected"),
    [({}, None), ({4: 1}, 4), ({1: 1, 3: 1}, 2), ({1: 2, 9: 1}, 1), ({1: 1, 5: 1, 9: 1}, 5), ({2: 3, 8: 3}, 5)],
)
def test_the_middle_of_counted_values(counted: dict[int, int], expected: float | None) -> None:
    assert middle(counted) == expected


def test_twelve_months_end_with_that_of_the_day() -> None:
    months = months_until(date(2026, 3, 31))
    assert (months[0], months[-1], len(months)) == (date(2025, 4, 1), date(2026, 3, 1), 12)
    assert following(date(2026, 12, 1)) == date(2027, 1, 1)
