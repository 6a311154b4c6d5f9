"""Fixtures of real services; each starts at first use, one per process, and ends with it."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.services import chromium, postgres, smtp, valkey


def summary() -> list[str]:
    """A line per service: what a test that needs it will use."""
    programs, broker = postgres.find_programs(), valkey.find_program()
    return [
        f"Chromium: {chromium.find_program() or 'FALTA'}",
        f"PostgreSQL: {f'{programs.folder} ({programs.origin})' if programs else 'FALTA'}",
        f"Valkey: {broker[1] if broker else 'FALTA'}",
        "SMTP: aiosmtpd; OIDC: oidc-provider-mock",
    ]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    """A PostgreSQL on which to create databases."""
    server = postgres.given_or_private()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: postgres.PostgresServer) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database."""
    with postgres_server.database(f"prueba_{uuid.uuid4().hex}") as url:
        yield url


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The URL of a Valkey broker."""
    with valkey.broker() as url:
        yield url


@pytest.fixture
def mailbox() -> Iterator[smtp.Mailbox]:
    """A real SMTP server for this test; `mailbox.mood` makes it misbehave."""
    with smtp.mail_server() as box:
        yield box


@pytest.fixture
def foreign_issuer() -> Iterator[str]:
    """The issuer URL of an OpenID Connect provider that we did not write."""
    from oidc_provider_mock import run_server_in_thread  # takes a second that most runs need not spend

    with run_server_in_thread(require_nonce=True) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    with sync_playwright() as playwright:
        instance = chromium.launch(playwright)
        yield instance
        instance.close()


Visit = Callable[..., AbstractContextManager[BrowserContext]]


@pytest.fixture
def visit(browser: Browser) -> Visit:
    """`with visit(javascript=False, width=320) as context:` one more visitor with cookies of their own."""
    return partial(chromium.visit, browser)


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    """A page of a visitor who has not signed in."""
    with visit() as context:
        yield context.new_page()
