"""A real browser for the tests of pages, watched: no error, no foreign request, no breach of the CSP goes unseen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from bench.walk import instance
from tests.services import migrated
from tests.services.fixtures import PATIENCE

DESKTOP = {"width": 1280, "height": 900}
HARMLESS = (
    "net::ERR_INTERNET_DISCONNECTED",
    "htmx:afterRequest",
    "htmx:sendError",
    "htmx:sendAbort",
    "status of 422",
    "status of 401",
    "Error Code 401",
    "status of 404",
    "status of 403",
    "status of 400",
    "status of 409",
    "/openid/authorize/",  # a page that asks how a signature goes, after its session ended, is sent to sign in
)
"""What the console says of answers that a test provokes on purpose."""


class Watch:
    """What went wrong on the pages of a context."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.faults: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """Listen to every page of the context."""
        context.on("console", lambda message: self._console(message.type, message.text))
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("request", lambda request: self._request(request.url))

    def _console(self, kind: str, text: str) -> None:
        if kind == "error" and not any(known in text for known in HARMLESS):
            self.faults.append(text)

    def _request(self, url: str) -> None:
        if not url.startswith((self.home, "data:", "blob:", "about:")):
            self.faults.append(f"request to {url}")


@contextmanager
def watched(chromium: Browser, home: str, allowed: str = "") -> Iterator[Any]:
    """Makes contexts (separate people, or other screens): `make(viewport=…, java_script_enabled=False)`.

    At the end AssertionError with what went wrong on their pages. `allowed` begins the addresses they may reach.
    """
    made: list[BrowserContext] = []
    watch = Watch(allowed or home)

    def make(**options: Any) -> BrowserContext:
        defaults: dict[str, Any] = {
            "base_url": home,
            "locale": "es-CL",
            "timezone_id": "America/Santiago",
            "reduced_motion": "reduce",
            "viewport": DESKTOP,
        }
        context = chromium.new_context(**{**defaults, **options})
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert watch.faults == []


@pytest.fixture
def new_context(chromium: Browser, live_server: Any) -> Iterator[Any]:
    """Makes contexts on the test server."""
    with watched(chromium, str(live_server)) as make:
        yield make


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product as `manage.py serve` runs it, with its worker, identity provider and mailbox, on new data."""
    folder = tmp_path_factory.mktemp("product")
    migrated.copied_into(folder)
    with instance(folder, {}) as base:
        yield base


@pytest.fixture
def product_context(chromium: Browser, product: str) -> Iterator[Any]:
    """Makes contexts on the product; its identity provider answers at another port of this machine."""
    with watched(chromium, product, "http://127.0.0.1:") as make:
        yield make


@pytest.fixture
def page(new_context: Any) -> Page:
    """A page on a desktop screen with script."""
    page: Page = new_context().new_page()
    return page
