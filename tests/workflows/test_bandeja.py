"""What the lists of the bandeja hold: the cases of one's own procedures, and nobody else's (R44)."""

import pytest
from django.urls import reverse

from tests.story import Story
from tests.workflows.desk import Visitor
from workflows.bandeja import Bandeja
from workflows.models import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(story: Story) -> Case:
    case = story.file()
    Case.objects.filter(pk=case.pk).update(finished=story.now)
    return case


@pytest.mark.parametrize(("who", "sees"), [("Beto", True), ("Hugo", False)])
def test_an_ended_case_is_listed_and_found_only_by_officials_of_its_procedure(
    story: Story, ended: Case, who: str, sees: bool
) -> None:
    bandeja = Bandeja(story.people[who], story.now.date())
    assert bandeja.roles
    assert list(bandeja.finished_cases()) == [ended] * sees
    for written in (ended.number, ended.number[-4:], ended.ref):
        assert list(bandeja.found(written)) == [ended] * sees


@pytest.mark.parametrize(("who", "sees"), [("Beto", True), ("Hugo", False)])
def test_the_page_shows_no_others_case(story: Story, ended: Case, visitor: Visitor, who: str, sees: bool) -> None:
    official, page = visitor(who), reverse("workflows:inbox")
    for asked in ({"ver": "terminadas"}, {"q": ended.number}):
        assert (ended.ref in official.get(page, asked).content.decode()) is sees


@pytest.mark.parametrize(("who", "sees"), [("Beto", True), ("Hugo", False)])
def test_a_step_waits_only_for_the_role_that_has_it(story: Story, who: str, sees: bool) -> None:
    task = story.task(story.file(), "admision")
    bandeja = Bandeja(story.people[who], story.now.date())
    assert list(bandeja.unclaimed()) == [task] * sees
    assert bandeja.next_task() == (task if sees else None)
