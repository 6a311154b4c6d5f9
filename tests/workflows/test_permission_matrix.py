"""Every address × every kind of person × GET and POST: the answer stands in permission_matrix.txt (R44, R40)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from tests.story import MORNING, Story
from tests.workflows import matrix
from tests.workflows.matrix import ACTORS, METHODS, PEOPLE, REFUSED, Row, fingerprint, outcome, writing
from tests.workflows.permissions import World

pytestmark = pytest.mark.django_db
ROWS = list(matrix.rows())
PROVIDER = {
    "PUBLIC_URL": "http://testserver",
    "OIDC_AUTHORIZE_URL": "http://127.0.0.1:1/authorize",
    "OIDC_LOGOUT_URL": "http://127.0.0.1:1/logout",
}
"""An identity provider that nobody needs to ask: only its addresses are used."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Built once: each request is taken back, and all of it at the end."""
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
    with (
        django_db_blocker.unblock(),
        override_settings(**PROVIDER),
        time_machine.travel(MORNING, tick=False),
        transaction.atomic(),
    ):
        yield World(Story.begin())
        transaction.set_rollback(True)


def test_every_address_of_the_project_is_in_the_matrix_by_get_and_by_post() -> None:
    listed = {(row.name, row.method) for row in ROWS}
    assert listed == {(name, method) for name in matrix.pages() for method in METHODS}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_person_gets_the_answer_of_the_matrix_and_a_refusal_changes_nothing(row: Row, world: World) -> None:
    answers, changed = {}, []
    for actor in ACTORS:
        with transaction.atomic():
            cache.clear()
            with writing() as written:
                answers[actor] = outcome(world.visit(actor, row.method, row.name, row.thing))
            if answers[actor] in REFUSED and written and fingerprint() != world.before:
                changed.append(actor)
            transaction.set_rollback(True)
    assert answers == row.expected
    assert changed == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.method == "POST"], ids=str)
def test_a_post_from_another_site_is_refused_and_changes_nothing(row: Row, world: World) -> None:
    thing = world.things[row.thing]
    allowed = [actor for actor in ACTORS if row.expected[actor] not in REFUSED]
    for actor in allowed[:1]:
        client = world.browser(actor, thing, enforce_csrf_checks=True)
        with writing() as written:
            response = client.post(reverse(row.name, args=thing.arguments), thing.data())
        assert outcome(response) == "403"
        assert not written or fingerprint() == world.before


def test_the_control_notices_what_a_permitted_request_changes(world: World) -> None:
    with writing() as written:
        assert world.visit("official", "POST", "workflows:desk_claim", "free step").status_code == 302
    assert written
    assert fingerprint() != world.before


def test_every_kind_of_person_is_somebody_else() -> None:
    assert len(set(PEOPLE.values())) == len(PEOPLE)
