"""Fixtures of real services; each starts at first use, one per process, and ends with it."""

import os
import shutil
import uuid
from collections.abc import Iterator

import pytest

from tests.services import postgres, smtp, valkey


def summary() -> list[str]:
    """A line per service: what a test that needs it will use."""
    programs, broker = postgres.find_programs(), valkey.find_program()
    browsers = (os.environ.get("CHROMIUM"), shutil.which("chromium-headless-shell"), shutil.which("chromium"))
    return [
        f"Chromium: {next(filter(None, browsers), 'FALTA')}",
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
