"""The whole path on the product as it is served: filed, corrected, decided, signed twice and verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import expect
from ruamel.yaml import YAML

from bench.visitor import Visitor
from bench.walk import SCENARIO, Walk
from tests.browser.hands import InBrowser, WithKeyboard

pytestmark = pytest.mark.browser


def licence_story() -> dict[str, Any]:
    """The scenario up to the granted licence."""
    scenario: dict[str, Any] = YAML(typ="safe").load(SCENARIO)
    end = next(place for place, entry in enumerate(scenario["story"]) if "ends" in entry)
    return {**scenario, "story": scenario["story"][: end + 1]}


class WalkInBrowser(Walk):
    """Each person in a browser of their own."""

    def __init__(self, base: str, new_context: Any, **options: Any) -> None:
        super().__init__(base, {})
        self._new_context, self._options = new_context, options

    def person(self, name: str, run: str) -> Visitor:
        """Somebody who can click, and whose browser runs no script."""
        return InBrowser(self._new_context(**self._options).new_page(), self.base, run)


class WalkWithKeyboard(WalkInBrowser):
    """Nobody touches a mouse; script is on, so questions open in place."""

    def person(self, name: str, run: str) -> Visitor:
        """Somebody with a keyboard."""
        return WithKeyboard(self._new_context(**self._options).new_page(), self.base, run)

    def _press_on(self, who: Any, answers: Mapping[str, Any]) -> None:
        given: dict[str, Any] = {}
        while new := {name: v for name, v in self._posted_answers(who, answers).items() if name not in given}:
            status = who.tab.locator("[data-save-status]")
            status.evaluate("status => { status.textContent = ''; }")
            who.answer(new)
            expect(status).to_contain_text("Borrador guardado")
            who.read()
            given.update(new)
        who.press("Continuar")


def test_the_keyboard_is_enough_for_everybody(product: str, product_context: Any) -> None:
    """Checks 2 and 10 of pages.md: Tab, arrows, space, Enter and letters; the focus is seen at every stop."""
    WalkWithKeyboard(product, product_context).scenario(licence_story())


def test_everything_works_without_javascript(product: str, product_context: Any) -> None:
    """Check 1 of pages.md."""
    WalkInBrowser(product, product_context, java_script_enabled=False).scenario(licence_story())
