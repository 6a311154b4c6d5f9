"""One phone, two people: whoever signs in after somebody else sees nothing of theirs, whatever was left open."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser.test_filling import BRUNO, LICENCE, be, begin

pytestmark = pytest.mark.browser
ANA = "41.111.111-3"
SECRET = "Pasaje Reservado 77"
HELD = """document.documentElement.outerHTML
    + [...document.querySelectorAll('input, textarea')].map(one => one.value).join(' ')"""


@pytest.fixture
def anas(product_context: Any) -> Page:
    """Ana's tab on a phone, with an address that she typed and the browser kept."""
    tab: Page = product_context(viewport={"width": 390, "height": 700}).new_page()
    tab.goto("/mis-tramites/")
    be(tab, ANA)
    ref = begin(tab, LICENCE)
    tab.goto(f"/s/{ref}/p/3/")
    tab.get_by_label("Dirección del local").fill(SECRET)
    expect(tab.locator("[data-save-status]")).to_contain_text("Borrador guardado a las")
    return tab


def leave(tab: Page) -> None:
    tab.goto("/mis-tramites/")
    tab.get_by_role("button", name="Salir").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Cerraste tu sesión")


def typed_of(tab: Page) -> str:
    """Everything that the tab holds, what was typed into its controls too; asked again while it is leaving."""
    for _page in range(10):
        with suppress(Error):
            tab.wait_for_load_state()
            return str(tab.evaluate(HELD))
    raise AssertionError("the tab goes from page to page without end")


def test_the_page_left_open_goes_when_its_person_leaves_in_another_tab(anas: Page) -> None:
    other = anas.context.new_page()
    leave(other)
    anas.wait_for_url(re.compile("/openid/"))
    assert SECRET not in typed_of(anas)


def test_the_next_person_finds_nothing_in_the_tabs_nor_by_going_back(anas: Page) -> None:
    draft = anas.url
    leave(anas)
    anas.goto("/mis-tramites/")
    be(anas, BRUNO)
    expect(anas.locator(".site-user")).to_have_text("Bruno Díaz Riquelme")
    for _step in range(4):
        anas.go_back()
        assert SECRET not in typed_of(anas)
    anas.goto(draft)
    expect(anas.get_by_role("heading", level=1)).to_have_text("No encontramos esta página")


def test_a_page_that_outlived_its_session_goes_when_another_person_comes_in(anas: Page) -> None:
    """Nobody pressed «Salir»: the session had ended by itself, and Ana's provider no longer knew her."""
    context = anas.context
    context.clear_cookies()
    other = context.new_page()
    other.goto("/mis-tramites/")
    assert SECRET in typed_of(anas), "while nobody else came in, what she typed is still hers"
    be(other, BRUNO)
    expect(other.locator(".site-user")).to_have_text("Bruno Díaz Riquelme")
    expect(anas.get_by_role("heading", level=1)).to_have_text("No encontramos esta página")
    assert SECRET not in typed_of(anas)


def test_ones_own_pages_stay_when_one_signs_in_again(anas: Page) -> None:
    anas.context.clear_cookies(name="sp")
    other = anas.context.new_page()
    other.goto("/mis-tramites/")
    expect(other.get_by_role("heading", level=1)).to_have_text("Mis trámites")
    other.goto("/")
    anas.bring_to_front()
    assert SECRET in typed_of(anas)
    assert anas.evaluate("document.body.hidden") is False
