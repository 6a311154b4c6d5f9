"""Coming in and going out in a real browser, whose content security policy follows redirects of forms."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.accounts.providers import demo_provider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="session")
def issuer(live_server: LiveServer) -> Iterator[str]:
    """The provider of the browser tests, which sends people back to their site."""
    with demo_provider(live_server.url) as issuer:
        yield issuer


@pytest.fixture
def site(live_server: LiveServer, issuer: str, settings: Settings) -> str:
    """The site and its provider, each at a port of its own."""
    cache.clear()
    settings.PUBLIC_URL = live_server.url
    settings.OIDC_ISSUER = issuer
    origin = issuer.removesuffix("/openid")
    directives = {**settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "form-action": ["'self'", origin]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
    return live_server.url


@contextmanager
def visit(chromium: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A visitor with empty cookies; at the end, AssertionError with the errors that the console showed."""
    context = chromium.new_context(locale="es-CL", **options)
    faults: list[str] = []
    context.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield context
    context.close()
    assert [fault for fault in faults if "status of 4" not in fault] == []


def violations(page: Page) -> list[str]:
    """What axe finds wrong for people who cannot see or use a mouse."""
    return [violation["id"] for violation in Axe().run(page).response["violations"]]


def test_the_pages_are_accessible(site: str, chromium: Browser) -> None:
    with visit(chromium) as context:
        page = context.new_page()
        page.goto(f"{site}/cuenta/sesion-cerrada/")
        assert violations(page) == []
        page.goto(f"{site}/cuenta/entrar/vuelta/")
        expect(page.get_by_role("heading", level=1)).to_have_text("No pudiste entrar")
        assert violations(page) == []
        page.goto(f"{site}/cuenta/entrar/")
        expect(page.get_by_role("heading", level=1)).to_have_text("¿Quién eres?")
        assert violations(page) == []
        page.get_by_role("button", name="Entrar como esta persona").click()
        expect(page.get_by_label("RUN (RUT)")).to_be_focused()
        assert violations(page) == []


@pytest.mark.parametrize("javascript", [True, False])
def test_ana_comes_in_and_goes_out_with_two_clicks(site: str, chromium: Browser, javascript: bool) -> None:
    with visit(chromium, java_script_enabled=javascript) as context:
        page = context.new_page()
        page.goto(f"{site}/cuenta/entrar/?next=/cuenta/sesion-cerrada/")
        page.get_by_role("button", name="Ana María Pérez Soto").click()
        expect(page).to_have_url(f"{site}/cuenta/sesion-cerrada/")
        expect(page.locator(".site-user")).to_have_text("Ana María Pérez Soto")
        page.get_by_role("button", name="Salir").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Cerraste tu sesión")
        expect(page.locator(".site-user")).to_have_count(0)


def test_the_keyboard_is_enough(site: str, chromium: Browser) -> None:
    with visit(chromium, java_script_enabled=False, viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        page.goto(f"{site}/cuenta/entrar/?next=/cuenta/sesion-cerrada/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Ana María Pérez Soto")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site}/cuenta/sesion-cerrada/")
