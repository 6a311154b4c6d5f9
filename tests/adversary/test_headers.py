"""Headers of every address of the project, by GET and by POST, for a visitor and for whoever may enter."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from config.middleware import PERMISSIONS
from tests.story import MORNING, Story
from tests.workflows import permissions
from tests.workflows.permissions import ANONYMOUS, REFUSED, Row, World

pytestmark = pytest.mark.django_db
ROWS = list(permissions.rows())
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
    *("text/html; charset=utf-8", "text/csv; charset=utf-8", "text/x-python; charset=utf-8"),
    *(
        "application/pdf",
        "application/json",
        "application/problem+json",
        "application/zip",
        "application/xml; charset=utf-8",
        "application/yaml; charset=utf-8",
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


def answers(world: World, row: Row) -> Iterator[tuple[str, HttpResponseBase]]:
    """What a visitor gets, and what the first person who may enter gets."""
    allowed = [actor for actor, cell in row.expected.items() if cell not in REFUSED and actor != ANONYMOUS]
    for actor in (ANONYMOUS, *allowed[:1]):
        with transaction.atomic():
            cache.clear()
            yield actor, world.visit(actor, row.method, row.name, row.thing)
            transaction.set_rollback(True)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_answer_tells_the_browser_what_it_must_not_do(row: Row, world: World) -> None:
    for _actor, response in answers(world, row):
        framed = row.name in FRAMED and response.status_code == HTTPStatus.OK
        ours = {"X-Frame-Options": "SAMEORIGIN"} if framed and row.name != "designer:pdf" else {}
        assert {name: response.headers.get(name) for name in ALWAYS} == {**ALWAYS, **ours}
        policy = response.headers["Content-Security-Policy"]
        strict = policy.replace("frame-ancestors 'self'", "frame-ancestors 'none'") if framed else policy
        assert strict in FILES or all(rule in strict for rule in STRICT), policy
        assert "unsafe" not in policy
        assert "*" not in policy


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_answer_says_its_type_and_its_encoding(row: Row, world: World) -> None:
    for _actor, response in answers(world, row):
        kind = response.headers.get("Content-Type", "")
        assert kind in TYPES or response.headers["Content-Length"] == "0"


def test_no_answer_admits_another_origin(world: World) -> None:
    """Cross-origin sharing is off: there is no header to get wrong."""
    client = world.browser(ANONYMOUS, world.things["-"])
    for address in ("/", "/verificar/", "/cuenta/sesion-cerrada/"):
        for response in (client.get(address, headers={"origin": "https://malo.example"}), client.options(address)):
            assert not [name for name in response.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_a_signed_in_person_is_shown_is_kept_by_no_browser(row: Row, world: World) -> None:
    for actor, response in answers(world, row):
        if actor != ANONYMOUS:
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
