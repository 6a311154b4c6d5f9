"""Whoever supports, or takes it back, sees it in the count at once, whenever it was last folded."""

from datetime import timedelta

import pytest

from accounts.models import Person
from participation.models import Subject
from participation.operations import counting, supporting
from participation.presenting.subject import panel_context
from tests.participation.crowd import crowd, support_by
from tests.story import Story

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=1)


@pytest.fixture
def story() -> Story:
    return Story.begin()


def shown(subject: Subject, person: Person) -> int:
    fresh = Subject.objects.get(pk=subject.pk)
    return int(panel_context(fresh, person, "/")["total"])


def test_a_support_given_and_taken_back_since_the_count_shows_at_once_to_whoever_did_it(story: Story) -> None:
    wanted, [ana, bruno] = story.request("Permiso para cerrar un pasaje"), crowd(2)
    support_by(wanted, [ana], now=story.now)
    assert (shown(wanted, ana), shown(wanted, bruno)) == (1, 0), "before any count"
    counting.fold(now=story.now + LATER)
    assert (shown(wanted, ana), shown(wanted, bruno)) == (1, 1)
    supporting.withdraw(subject=wanted, by=ana, now=story.now + 2 * LATER)
    assert (shown(wanted, ana), shown(wanted, bruno)) == (0, 1)
    support_by(wanted, [ana], now=story.now + 3 * LATER)
    assert shown(wanted, ana) == 1
    supporting.withdraw(subject=wanted, by=ana, now=story.now + 4 * LATER)
    counting.fold(now=story.now + 5 * LATER)
    assert (shown(wanted, ana), shown(wanted, bruno)) == (0, 0)
