"""A date may be limited from the day on which somebody answers; what was answered for another day is asked again."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from legaltime.api import local_date, now
from tests.story import Story
from tests.workflows.desk import Visitor, text_of
from tests.workflows.test_papers import asking
from workflows import drafts
from workflows.commands import filing
from workflows.models import Draft

pytestmark = pytest.mark.django_db
BORN = {"id": "nacimiento", "type": "date", "label": "Fecha de nacimiento", "max": "today"}
EVENT = {"id": "feria", "type": "date", "label": "Día de la feria", "min": "today + 2 days"}


def begun(story: Story, question: dict[str, Any]) -> Draft:
    return drafts.begin(offering=story.offering(asking(story, question)), by=story.people["Ana"], now=story.now)


def boxes(name: str, days: int) -> dict[str, str]:
    """The boxes of a date so many days from today."""
    day = local_date(now(), "America/Santiago") + timedelta(days=days)
    return {f"{name}_0": str(day.day), f"{name}_1": str(day.month), f"{name}_2": str(day.year)}


def test_nobody_is_born_tomorrow(story: Story, visitor: Visitor) -> None:
    draft = begun(story, BORN)
    page = f"/s/{draft.ref}/p/1/"
    refused = visitor("Ana").post(page, boxes("nacimiento", 1))
    assert refused.status_code == 422
    assert "«Fecha de nacimiento» debe ser el" in text_of(refused)
    visitor("Ana").post(page, boxes("nacimiento", 0))
    draft.refresh_from_db()
    assert drafts.read(draft)["nacimiento"] == str(local_date(now(), "America/Santiago"))


def test_a_day_that_came_too_near_meanwhile_is_asked_again_before_signing(story: Story, visitor: Visitor) -> None:
    draft = begun(story, EVENT)
    story.fill(draft, feria=f"{story.now + timedelta(days=3):%Y-%m-%d}")
    assert drafts.complete_answers(draft)
    assert drafts.complete_answers(draft, story.now + timedelta(days=1))
    with pytest.raises(drafts.Incomplete):
        drafts.complete_answers(draft, story.now + timedelta(days=2))
    with time_machine.travel(story.now + timedelta(days=2), tick=False):
        reviewed = visitor("Ana").get(f"/s/{draft.ref}/revisar/")
    assert reviewed.status_code == 302
    assert reviewed["Location"].endswith("/p/1/")


def test_a_correction_counts_from_the_day_of_the_application(story: Story) -> None:
    """Whoever asked in time for the fair does not lose it by having to add a paper."""
    draft = begun(story, EVENT)
    story.fill(draft, feria=f"{story.now + timedelta(days=3):%Y-%m-%d}")
    case = filing.start(draft=draft, by=story.people["Ana"], signature=story.signature(draft), now=story.now)
    answer = Draft(
        task=case.task_set.latest("pk"), version=draft.version, agency=draft.agency, changed_at=case.filed_at
    )
    later = story.now + timedelta(days=30)
    assert drafts.around(answer, later).today() == local_date(story.now, draft.agency.time_zone)
    assert drafts.around(draft, later).today() == local_date(later, draft.agency.time_zone)
