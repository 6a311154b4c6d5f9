"""A site that knows one provider, and people at their browsers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from pytest_django import Settings

from tests.accounts.providers import SITE, LyingProvider, Person, demo_provider, lying_provider


@pytest.fixture(scope="session", autouse=True)
def static_folder() -> None:
    """WhiteNoise warns when the folder is missing."""
    Path(str(django_settings.STATIC_ROOT)).mkdir(exist_ok=True)


@pytest.fixture(scope="session")
def demo_issuer() -> Iterator[str]:
    """The demonstration provider, started once."""
    with demo_provider() as issuer:
        yield issuer


@pytest.fixture
def known_site(settings: Settings) -> Settings:
    """The site at the address that the providers know; nothing kept from another provider."""
    settings.PUBLIC_URL = SITE
    cache.clear()
    return settings


@pytest.fixture
def ana(known_site: Settings, demo_issuer: str, db: None) -> Iterator[Person]:
    """Somebody who has not signed in, before a site that trusts the demonstration provider."""
    known_site.OIDC_ISSUER = demo_issuer
    person = Person()
    yield person
    person.provider.close()


@pytest.fixture
def liar(known_site: Settings, db: None) -> Iterator[LyingProvider]:
    """A provider that says what the test wants, trusted by the site."""
    with lying_provider() as provider:
        known_site.OIDC_ISSUER = provider.issuer
        yield provider
