"""The language of the pages follows the person, and stays with nobody who uses the same computer after them."""

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import Person as PersonRow
from accounts.queries import person_by_run
from tests.accounts.providers import Person

ANA_RUN, BRUNO_RUN = "41.111.111-3", "42.222.222-7"


def stored(run: str) -> str:
    person = person_by_run(run)
    assert person is not None
    return person.language


def spoken(person: Person) -> str:
    """What the browser would ask for on its next page; "" for nothing."""
    cookie = person.site.cookies.get(settings.LANGUAGE_COOKIE_NAME)
    return cookie.value if cookie else ""


def choose(person: Person, language: str) -> None:
    person.site.post(reverse("set_language"), {"language": language, "next": "/"})


def test_what_was_chosen_before_coming_in_for_the_first_time_is_kept_with_the_person(ana: Person) -> None:
    choose(ana, "en")
    ana.sign_in(ANA_RUN)
    assert (stored(ANA_RUN), spoken(ana)) == ("en", "en")


def test_whoever_goes_out_takes_their_language_along(ana: Person) -> None:
    """A computer of a library: the next person neither reads nor is written to in the language of the former."""
    choose(ana, "en")
    ana.sign_in(ANA_RUN)
    ana.site.post(reverse("accounts:sign_out"))
    assert spoken(ana) == ""
    ana.provider.cookies.clear()
    ana.sign_in(BRUNO_RUN)
    assert (stored(BRUNO_RUN), spoken(ana)) == ("", "")


def test_another_person_who_comes_in_over_an_open_session_does_not_inherit_its_language(ana: Person) -> None:
    departure = ana.depart()
    choose(ana, "en")
    ana.arrive(ana.choose(ana.depart(), person=ANA_RUN))
    ana.provider.cookies.clear()
    ana.arrive(ana.choose(departure, person=BRUNO_RUN))
    assert ana.name() == "Bruno"
    assert (stored(ANA_RUN), stored(BRUNO_RUN), spoken(ana)) == ("en", "", "")


def test_what_a_person_chose_wins_over_what_the_computer_was_left_in(ana: Person) -> None:
    ana.sign_in(ANA_RUN)
    choose(ana, "es")
    ana.site.post(reverse("accounts:sign_out"))
    choose(ana, "en")
    ana.sign_in(ANA_RUN)
    assert (stored(ANA_RUN), spoken(ana)) == ("es", "es")


def test_what_is_chosen_while_in_is_kept_and_the_browser_forgets_it_with_the_session(ana: Person) -> None:
    """A session that ends by itself leaves no language behind either."""
    PersonRow.objects.all().update(language="es")
    ana.sign_in(ANA_RUN)
    choose(ana, "en")
    assert stored(ANA_RUN) == "en"
    age = ana.site.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"]
    assert age == pytest.approx(settings.SESSION_COOKIE_AGE, abs=600)
