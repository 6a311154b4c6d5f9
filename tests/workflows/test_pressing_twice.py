"""A measure pressed twice, or sent from a page that is old by now: nobody is told that the page does not exist."""

import pytest

from tests.story import Story
from tests.workflows.desk import Visitor, at, text_of
from workflows.models import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(story: Story) -> Case:
    return story.file()


def test_a_second_press_says_that_it_is_done_and_gives_back_what_was_written(case: Case, visitor: Visitor) -> None:
    page, ana = at("measure", case.ref, "desistirme"), visitor("Ana")
    sent = {"sure": "on", "reason": "Cierro el local <b>para siempre</b>."}
    assert ana.post(page, sent).status_code == 302
    again = ana.post(page, sent)
    assert again.status_code == 404
    assert "Esto ya está hecho, la solicitud cambió" in text_of(again)
    assert "Cierro el local &lt;b&gt;para siempre&lt;/b&gt;." in again.content.decode()
    assert at("case", case.ref) in again.content.decode(), "the way back to the application"
    assert case.task_set.filter(step_id="law_withdrawal").count() == 1


def test_an_old_link_leads_back_to_the_application_and_not_to_nowhere(case: Case, visitor: Visitor) -> None:
    old = visitor("Ana").get(at("measure", case.ref, "denunciar-plazo"))
    assert old.status_code == 404
    assert "Vuelve a la solicitud" in text_of(old)
    assert at("case", case.ref) in old.content.decode()


def test_a_stranger_reads_nothing_of_what_may_be_done(case: Case, visitor: Visitor) -> None:
    for slug in ("denunciar-plazo", "desistirme", "nada"):
        answer = visitor("Bruno").post(at("measure", case.ref, slug), {"reason": "x"})
        assert answer.status_code == 404
        assert case.number not in text_of(answer)
