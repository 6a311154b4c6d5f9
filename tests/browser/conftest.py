"""A real browser for the tests of pages, watched: no error, no foreign request, no breach of the CSP goes unseen."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 900}
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
HARMLESS = (
    "net::ERR_INTERNET_DISCONNECTED",
    "htmx:afterRequest",
    "htmx:sendError",
    "status of 422",
    "status of 404",
    "status of 403",
)
"""What the console says of answers that a test provokes on purpose."""


def chromium_path() -> str | None:
    """The installed browser: $CHROMIUM, else the first known name on the path."""
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it is missing
    path = chromium_path()
    if path is None:
        pytest.skip("No hay Chromium: instala chromium-headless-shell o define CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


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


@pytest.fixture
def allowed_hosts(settings: object) -> tuple[str, ...]:
    """Other addresses that a test may reach, such as the demonstration identity provider."""
    return ()


@pytest.fixture
def new_context(chromium: Browser, live_server: object) -> Iterator[object]:
    """Makes contexts (separate people, or other screens): `new_context(viewport=…, java_script_enabled=False)`."""
    made: list[BrowserContext] = []
    home = str(live_server)
    watch = Watch(home)

    def make(**options: object) -> BrowserContext:
        defaults: dict[str, object] = {
            "base_url": home,
            "locale": "es-CL",
            "timezone_id": "America/Santiago",
            "reduced_motion": "reduce",
            "viewport": DESKTOP,
        }
        context = chromium.new_context(**{**defaults, **options})  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        watch.over(context)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert watch.faults == []


@pytest.fixture
def page(new_context: object) -> Page:
    """A page on a desktop screen with script."""
    page: Page = new_context().new_page()  # type: ignore[operator]
    return page
