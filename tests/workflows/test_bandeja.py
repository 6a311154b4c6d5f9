"""What the lists of the bandeja hold: the cases of one's own procedures, and nobody else's (R44)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.story import Story
from tests.workflows.desk import Visitor, at, post_answers, text_of
from workflows.bandeja import Bandeja
from workflows.commands.correspondence import write_to_agency
from workflows.models import Case
from workflows.operations import record_access
from workflows.searching import read

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
        assert list(bandeja.found(read(written))) == [ended] * sees


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
    assert bandeja.next_tasks().first() == (task if sees else None)


class TestWhatChanged:
    """What the clerk with sixty cases a day sees without opening each."""

    def wrote(self, story: Story, case: Case, minutes: int) -> None:
        at = story.now + timedelta(minutes=minutes)
        write_to_agency(case=case, text="Ya tengo el rol.", uploads=[], by=story.people["Ana"], now=at)

    def test_a_row_says_what_happened_since_one_last_opened_its_case(
        self, story: Story, case: Case, visitor: Visitor
    ) -> None:
        story.claim(case, "admision")
        beto, page = visitor("Beto"), at("inbox")
        beto.get(at("desk_case", case.ref))
        assert "Novedad" not in text_of(beto.get(page))  # one's own deeds are no news
        self.wrote(story, case, 5)
        assert "Novedad del 04/03/2026 10:05" in text_of(beto.get(page))

    def test_opening_the_case_again_takes_the_news_away(self, story: Story, case: Case) -> None:
        record_access(case=case, person=story.people["Beto"], membership=None, now=story.now)
        bandeja = Bandeja(story.people["Beto"], story.now.date())
        self.wrote(story, case, 5)
        assert set(bandeja.news([case])) == {case.pk}
        later = story.now + timedelta(minutes=6)
        record_access(case=case, person=story.people["Beto"], membership=None, now=later)
        assert bandeja.news([case]) == {}

    def test_a_case_never_opened_has_no_news(self, story: Story, case: Case) -> None:
        self.wrote(story, case, 5)
        assert Bandeja(story.people["Beto"], story.now.date()).news([case]) == {}


class TestTheWayBack:
    def test_the_bandeja_comes_back_with_its_tab_and_filters(self, case: Case, visitor: Visitor) -> None:
        beto = visitor("Beto")
        beto.get(at("inbox"), {"ver": "grupo", "paso": "admision"})
        page = beto.get(at("desk_case", case.ref)).content.decode()
        assert f'{at("inbox")}?ver=grupo&amp;paso=admision"' in page

    def test_letting_a_step_go_leads_back_to_the_same_list(self, story: Story, case: Case, visitor: Visitor) -> None:
        beto, task = visitor("Beto"), story.claim(case, "admision")
        beto.get(at("inbox"), {"ver": "mias", "paso": "admision"})
        answer = beto.post(at("desk_release", case.ref, task.pk))
        assert answer["Location"] == f"{at('inbox')}?ver=mias&paso=admision"

    def test_after_a_step_the_next_one_is_one_press_away(self, story: Story, case: Case, visitor: Visitor) -> None:
        beto, task = visitor("Beto"), story.claim(case, "admision")
        other = story.file(rol_sii="2-2")
        done = post_answers(beto, story, case, task, resultado="admitir")
        page = beto.get(done["Location"]).content.decode()
        assert at("take_next") in page
        assert beto.post(at("take_next"))["Location"] == at("desk_step", other.ref, story.task(other, "admision").pk)
