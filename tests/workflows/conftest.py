"""A story at its own hour, and browsers of its people."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from tests.story import Story
from tests.workflows.desk import Visitor
from workflows.models import Case

BACKEND = "accounts.backends.VerifiedIdentityBackend"


@pytest.fixture
def story() -> Iterator[Story]:
    """The demonstration municipality; the server's clock stands at the story's."""
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)  # WhiteNoise warns when it is missing
    begun = Story.begin()
    with time_machine.travel(begun.now, tick=False):
        yield begun


@pytest.fixture
def visitor(story: Story) -> Visitor:
    """`visitor("Beto")`: the browser of a person who has signed in."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(story.user(name), backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def case(story: Story) -> Case:
    """Ana's application for a licence, just filed."""
    return story.file(rol_sii="1-1")
