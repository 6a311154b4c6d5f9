"""The demonstration municipality and browsers of its people, for those who make mistakes."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from tests.story import Story

BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@pytest.fixture
def story(db: None) -> Iterator[Story]:
    """The story; the server's clock stands at its hour."""
    begun = Story.begin()
    with time_machine.travel(begun.now, tick=False):
        yield begun


@pytest.fixture
def visitor(story: Story) -> Callable[[str], Client]:
    """`visitor("Beto")`: the browser of a person who has signed in."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(story.user(name), backend=BACKEND)
        return client

    return sign_in
