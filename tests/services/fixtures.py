"""Fixtures of real services; each starts at first use, one per process, and ends with it."""

import os
import shutil
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.services import clamd, postgres, s3, smtp, valkey

PATIENCE = 60_000
"""Milliseconds for anything to appear on a page: how busy the machine is, is not what a test tells."""
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def chromium_program() -> str | None:
    """$CHROMIUM, else the first known name on the path; None when there is no Chromium."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)


def summary() -> list[str]:
    """A line per service: what a test that needs it will use."""
    programs, broker = postgres.find_programs(), valkey.find_program()
    return [
        f"Chromium: {chromium_program() or 'FALTA'}",
        f"PostgreSQL: {f'{programs.folder} ({programs.origin})' if programs else 'FALTA'}",
        f"Valkey: {broker[1] if broker else 'FALTA'}",
        f"Antivirus: {clamd.find_program() or 'FALTA'}",
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
    """The URL of a new PostgreSQL database with the product's tables and nothing in them."""
    with postgres_server.with_tables(f"prueba_{uuid.uuid4().hex}") as url:
        yield url


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The URL of a Valkey broker."""
    with valkey.broker() as url:
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[s3.S3]:
    """A server of the S3 protocol with a bucket."""
    with s3.server() as server:
        yield server


@pytest.fixture(scope="session")
def clamd_address() -> Iterator[str]:
    """The address of a clamd that knows the EICAR test file."""
    with clamd.scanner() as address:
        yield address


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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file of tests; it resolves no name but this machine's.

    Not for longer: while Playwright runs, its event loop runs too, and other tests could not start one of theirs.
    """
    program = chromium_program()
    if program is None:
        pytest.skip("No hay Chromium: instala chromium-headless-shell o define CHROMIUM.")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
