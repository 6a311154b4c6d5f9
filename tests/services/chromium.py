"""Drives Debian's Chromium, and fails on what a page must never do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Playwright, Request

LOCAL = {"127.0.0.1", "localhost", ""}
OPTIONS = [
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


def find_program() -> str | None:
    """CHROMIUM, or the first Chromium of the PATH; None when there is none."""
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    return os.environ.get("CHROMIUM") or next((found for name in names if (found := shutil.which(name))), None)


def launch(playwright: Playwright) -> Browser:
    """A browser that resolves no name but this machine's. RuntimeError when there is no Chromium."""
    program = find_program()
    if program is None:
        raise RuntimeError("no Chromium: apt-get install chromium-headless-shell")
    return playwright.chromium.launch(executable_path=program, args=OPTIONS)


class Guard:
    """Collects console errors, script errors and requests to other hosts."""

    def __init__(self, context: BrowserContext) -> None:
        self.faults: list[str] = []
        self.tolerated: tuple[str, ...] = ("status of 4",)
        context.on("console", self._console)
        context.on("weberror", lambda problem: self.faults.append(str(problem.error)))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in self.tolerated):
            self.faults.append(message.text)

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in LOCAL:
            self.faults.append(f"request to another host: {request.url}")


@contextmanager
def visit(
    browser: Browser, *, javascript: bool = True, width: int = 1280, height: int = 900
) -> Iterator[BrowserContext]:
    """A visitor with empty cookies from Santiago; at the end, AssertionError with each fault of the pages seen.

    Answers of 4xx are not faults: pages give 403, 404 and 422 on purpose. A test that breaks the line on purpose
    may set `context.guard.tolerated`.
    """
    context = browser.new_context(
        locale="es-CL",
        timezone_id="America/Santiago",
        reduced_motion="reduce",
        java_script_enabled=javascript,
        viewport={"width": width, "height": height},
    )
    guard = Guard(context)
    context.guard = guard  # type: ignore[attr-defined]
    try:
        yield context
    finally:
        try:
            context.close()
        except Error as problem:
            guard.faults.append(str(problem))
    assert not guard.faults, "\n".join(guard.faults)
