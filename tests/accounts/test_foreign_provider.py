"""The client against a provider that we did not write (oidc-provider-mock)."""

import re
from collections.abc import Iterator

import pytest
import requests
from pytest_django import Settings

from tests.accounts.providers import ANA, Person

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
USER = {name: value for name, value in ANA.items() if name != "sub"}


@pytest.fixture
def visitor(known_site: Settings, foreign_issuer: str, db: None) -> Iterator[Person]:
    """Somebody known to the foreign provider, before a site that trusts it."""
    known_site.OIDC_ISSUER = foreign_issuer
    person = Person()
    requests.put(f"{foreign_issuer}/users/maria", json=USER, timeout=60).raise_for_status()
    yield person
    person.provider.close()


def consent(visitor: Person, address: str) -> str:
    """Signs in as Maria on the foreign provider's own page."""
    page = visitor.provider.get(address, timeout=60)
    assert re.search(r"<form", page.text)
    answer = visitor.provider.post(address, data={"sub": "maria"}, allow_redirects=False, timeout=60)
    assert answer.is_redirect, answer.text
    return answer.headers["Location"]


def test_maria_comes_in_through_a_provider_we_did_not_write(visitor: Person, known_site: Settings) -> None:
    known_site.OIDC_SCOPE = "openid profile"  # this provider gives `name` only with the standard scope
    response = visitor.arrive(consent(visitor, visitor.depart("/cuenta/entrar/?next=/mis-avisos/")))
    assert response["Location"] == "/mis-avisos/"
    assert visitor.name() == "María Carmen"


def test_a_provider_that_gives_no_name_lets_nobody_in(visitor: Person, known_site: Settings) -> None:
    known_site.OIDC_SCOPE = "openid"
    response = visitor.arrive(consent(visitor, visitor.depart()))
    assert "/oauth2/end_session" in response["Location"]  # R38
    assert visitor.name() == ""


def test_its_keys_and_issuer_are_the_ones_checked(visitor: Person, known_site: Settings) -> None:
    known_site.OIDC_SCOPE = "openid profile"
    back = consent(visitor, visitor.depart())
    known_site.OIDC_CLIENT_ID = "another-client"
    assert visitor.arrive(back).status_code == 400
