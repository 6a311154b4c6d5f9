"""Headers of every address of the project, by GET and by POST, for a visitor and for whoever may enter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache as remember
from http import HTTPStatus

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.http.response import ResponseHeaders
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from config.middleware import PERMISSIONS
from tests.story import MORNING, Story
from tests.workflows import matrix
from tests.workflows.matrix import ANONYMOUS, REFUSED, Row
from tests.workflows.permissions import World

pytestmark = pytest.mark.django_db
ROWS = list(matrix.rows())
PROVIDER = {"PUBLIC_URL": "http://testserver", "OIDC_LOGOUT_URL": "http://127.0.0.1:1/logout"}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}
STRICT = ("default-src 'self'", "script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")
FILES = {f"default-src 'none'; frame-ancestors 'none'; {rest}" for rest in ("object-src 'self'", "sandbox")}
"""A document that the browser's own reader opens, and any other file."""
FRAMED = {"designer:preview", "designer:document", "designer:notice", "designer:pdf"}
"""Pages without a form or a session's data that our own pages show in a frame; nobody else's may."""
TYPES = {
    *("text/html; charset=utf-8", "text/csv; charset=utf-8", "text/plain; charset=utf-8"),
    "text/x-python; charset=utf-8",
    *(
        "application/pdf",
        "application/json",
        "application/problem+json",
        "application/zip",
        "application/xml; charset=utf-8",
        "application/yaml; charset=utf-8",
        "image/png",
    ),
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Built once: each request is taken back, and all of it at the end."""
    with (
        django_db_blocker.unblock(),
        override_settings(**PROVIDER, OIDC_AUTHORIZE_URL="http://127.0.0.1:1/authorize"),
        time_machine.travel(MORNING, tick=False),
        transaction.atomic(),
    ):
        yield World(Story.begin())
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Answer:
    """What somebody was told before the page itself."""

    actor: str
    status: int
    headers: ResponseHeaders


Answers = Callable[[int], list[Answer]]


@pytest.fixture(scope="module")
def answers(world: World) -> Answers:
    """What a visitor gets, and what the first person who may enter gets, of a row of the matrix: asked once."""

    def ask(place: int) -> list[Answer]:
        row = ROWS[place]
        allowed = [actor for actor, cell in row.expected.items() if cell not in REFUSED and actor != ANONYMOUS]
        return [_answer(world, row, actor) for actor in (ANONYMOUS, *allowed[:1])]

    return remember(ask)


def _answer(world: World, row: Row, actor: str) -> Answer:
    with transaction.atomic():
        cache.clear()
        response = world.visit(actor, row.method, row.name, row.thing)
        transaction.set_rollback(True)
    return Answer(actor, response.status_code, response.headers)


every_row = pytest.mark.parametrize("place", range(len(ROWS)), ids=[str(row) for row in ROWS])


@every_row
def test_every_answer_tells_the_browser_what_it_must_not_do(place: int, answers: Answers) -> None:
    row = ROWS[place]
    for response in answers(place):
        framed = row.name in FRAMED and response.status == HTTPStatus.OK
        ours = {"X-Frame-Options": "SAMEORIGIN"} if framed and row.name != "designer:pdf" else {}
        assert {name: response.headers.get(name) for name in ALWAYS} == {**ALWAYS, **ours}
        policy = response.headers["Content-Security-Policy"]
        strict = policy.replace("frame-ancestors 'self'", "frame-ancestors 'none'") if framed else policy
        assert strict in FILES or all(rule in strict for rule in STRICT), policy
        assert "unsafe" not in policy
        assert "*" not in policy


@every_row
def test_every_answer_says_its_type_and_its_encoding(place: int, answers: Answers) -> None:
    for response in answers(place):
        kind = response.headers.get("Content-Type", "")
        assert kind in TYPES or response.headers["Content-Length"] == "0"


def test_no_answer_admits_another_origin(world: World) -> None:
    """Cross-origin sharing is off: there is no header to get wrong."""
    client = world.browser(ANONYMOUS, world.things["-"])
    for address in ("/", "/verificar/", "/cuenta/sesion-cerrada/"):
        for response in (client.get(address, headers={"origin": "https://malo.example"}), client.options(address)):
            assert not [name for name in response.headers if name.startswith("Access-Control-")]


@every_row
def test_what_a_signed_in_person_is_shown_is_kept_by_no_browser(place: int, answers: Answers) -> None:
    for response in answers(place):
        if response.actor != ANONYMOUS:
            assert "no-store" in response.headers["Cache-Control"]
            assert "private" in response.headers["Cache-Control"]


def test_the_policy_of_pages_admits_no_host_but_our_own_and_the_identity_provider(world: World) -> None:
    policy = world.visit(ANONYMOUS, "GET", "workflows:help", "-").headers["Content-Security-Policy"]
    for directive in policy.split("; "):
        name, *sources = directive.split()
        hosts = [source for source in sources if source not in {"'self'", "'none'"}]
        assert hosts == {"img-src": ["data:"], "form-action": ["http://127.0.0.1:8001"]}.get(name, [])


def views(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield entry
        else:
            yield from views(entry)


def test_only_the_address_for_machines_which_reads_no_cookie_is_exempt_from_the_check_against_forged_requests() -> None:
    found = list(views(get_resolver()))
    assert len(found) > 30
    exempt = [str(entry.pattern) for entry in found if getattr(entry.callback, "csrf_exempt", False)]
    assert exempt == ["api/v1/hechos/"]
