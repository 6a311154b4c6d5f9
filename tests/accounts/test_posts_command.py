"""`manage.py posts`: how an institution gives a post, and what an incident that waits for somebody does then."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership
from tests.story import Story
from tests.workflows.test_incidents import open_kinds
from workflows.commands.separation import abstain

pytestmark = pytest.mark.django_db
REVIEW = ("--agency", "muni-ejemplo", "--role", "rentas/revision")
RUN_OF_CARLA = "40.200.300-6"


@pytest.fixture
def story() -> Story:
    return Story.begin()


def posts(*words: str) -> str:
    said = StringIO()
    call_command("posts", *words, stdout=said)
    return said.getvalue()


def test_the_list_says_who_holds_each_post(story: Story) -> None:
    lines = posts("list", "--agency", "muni-ejemplo").splitlines()
    [review] = [line for line in lines if line.startswith("rentas/revision ")]
    assert "Beto Araya Molina" in review


def test_whoever_is_given_the_post_takes_the_step_that_nobody_could(story: Story, time_machine: object) -> None:
    """An official alone in a post abstains: the remedy of the incident names somebody else, and here is how."""
    case = story.file(rol_sii="1-1")
    abstain(case=case, by=story.user("Beto"), reason="Soy su primo", now=story.now)
    assert open_kinds(case) == ["no_responsible"]
    time_machine.move_to(story.now, tick=False)  # type: ignore[attr-defined]
    said = posts("give", RUN_OF_CARLA, *REVIEW, "--post", "Revisora (S)")
    assert said == "Carla Muñoz Leiva: Revisora (S), Revisión de patentes, Departamento de Rentas y Patentes, " \
        "desde el 04/03/2026.\n"  # fmt: skip
    story.work()
    story.claim(case, "admision", "Carla")
    assert open_kinds(case) == []


def test_a_post_ends_on_a_day_and_is_kept(story: Story, time_machine: object) -> None:
    time_machine.move_to(story.now, tick=False)  # type: ignore[attr-defined]
    posts("give", RUN_OF_CARLA, *REVIEW, "--post", "Revisora (S)")
    until = story.now.date() + timedelta(days=9)
    assert "hasta el 13/03/2026 inclusive" in posts("end", RUN_OF_CARLA, *REVIEW, "--until", until.isoformat())
    assert Membership.objects.get(person=story.people["Carla"], post="Revisora (S)").ends_on == until


def test_the_post_that_ends_is_the_one_held_now_and_not_a_later_one(story: Story, time_machine: object) -> None:
    time_machine.move_to(story.now, tick=False)  # type: ignore[attr-defined]
    posts("give", RUN_OF_CARLA, *REVIEW, "--post", "Revisora (S)")
    posts("end", RUN_OF_CARLA, *REVIEW, "--until", (story.now + timedelta(days=9)).date().isoformat())
    later = (story.now + timedelta(days=30)).date()
    posts("give", RUN_OF_CARLA, *REVIEW, "--post", "Revisora", "--since", later.isoformat())
    assert "Revisora (S)" in posts("end", RUN_OF_CARLA, *REVIEW)
    assert Membership.objects.get(person=story.people["Carla"], post="Revisora").ends_on is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("list", "--agency", "nada"), "Las que hay: .*muni-ejemplo"),
        (("give", RUN_OF_CARLA, "--agency", "muni-ejemplo", "--role", "rentas/nada", "--post", "x"), "posts list"),
        (("give", "40.200.300-7", *REVIEW, "--post", "x"), "dígito"),
        (("give", "20.000.000-5", *REVIEW, "--post", "x"), "--given-names"),
        (("give", RUN_OF_CARLA, *REVIEW, "--post", "x", "--given-names", "Rosa", "--family-names", "Soto"), "otro nom"),
        (("end", RUN_OF_CARLA, *REVIEW), "no tiene ese cargo"),
        (("end", "40.100.200-6", *REVIEW, "--until", "1990-01-01"), "no puede terminar antes"),
        (("end", RUN_OF_CARLA, *REVIEW, "--until", "mañana"), "no es una fecha"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(story: Story, words: tuple[str, ...], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        posts(*words)
