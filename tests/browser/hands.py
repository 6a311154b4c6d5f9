"""People in a real browser: those who use only the keyboard, and those whose browser runs no script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from lxml import html
from playwright.sync_api import Locator, Page, Response

from bench.visitor import NotAsPromised, Visitor

FOCUS_IS_SEEN = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return "";
  const drawn = element.matches("input[type=file]") ? element.nextElementSibling : element;
  const style = getComputedStyle(drawn), box = drawn.getBoundingClientRect();
  const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  const inView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return ring && inView ? "" : element.outerHTML.slice(0, 200);
}"""
MOST_STOPS = 250


class InBrowser(Visitor):
    """A visitor whose pages are those of a tab; how controls are reached is left to the kinds below."""

    def __init__(self, tab: Page, base: str, run: str) -> None:
        super().__init__(base, run)
        self.tab = tab
        tab.on("response", self._note_status)
        tab.on("filechooser", lambda chooser: None)  # intercepted from now on: asking for it with Enter comes too late

    def _note_status(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.status = response.status

    def visit(self, path: str) -> InBrowser:
        """Type an address."""
        self.tab.goto(urljoin(self.url, path))
        return self._arrived()

    def press(
        self, words: str, fields: Mapping[str, Any] | None = None, files: Mapping[str, Any] | None = None
    ) -> InBrowser:
        """Fill in what the page asks of `fields` and `files`, from top to bottom, and press the button."""
        self.answer({**(fields or {}), **(files or {})})
        button = self.tab.locator("button:not([tabindex='-1'])", has_text=words).locator("visible=true").first
        if button.count() == 0:
            raise NotAsPromised(f"No hay un botón «{words}» en {self.url}: {self.text[:300]}")
        return self._go(button)

    def follow(self, words: str) -> InBrowser:
        """Follow the link with these words."""
        return self._go(self.tab.get_by_role("link", name=re.compile(re.escape(words))).first)

    def fetch(self, path: str) -> bytes:
        """Download a file."""
        answer = self.tab.request.get(urljoin(self.url, path))
        assert answer.ok, answer.status
        return answer.body()

    def answer(self, values: Mapping[str, Any]) -> None:
        """Fill in the controls that are on the page, in its order."""
        order = self.tab.evaluate("[...document.querySelectorAll('main [name]')].map(control => control.name)")
        for name in dict.fromkeys(name for name in order if name in values):
            self._answer(name, values[name])

    def _answer(self, name: str, value: Any) -> None:
        control = self.tab.locator(f'main [name="{name}"]')
        folded = self.tab.locator(f'details:not([open]):has([name="{name}"]) > summary')
        if folded.count():
            self.activate(folded)
        kind = control.first.get_attribute("type") or control.first.evaluate("control => control.localName")
        if kind == "radio":
            self.choose(control, str(value))
        elif kind == "checkbox":
            self.tick(control)
        elif kind == "select":
            self.pick(control, str(value))
        elif kind == "file":
            self.send(control, value)
        else:
            self.write(control, str(value))

    def _go(self, control: Locator) -> InBrowser:
        with self.tab.expect_navigation():
            self.activate(control)
        return self._arrived()

    def _arrived(self) -> InBrowser:
        self.read()
        person = self.tab.locator(f"button[name=person][value='{self.run}']")
        if "/openid/" in self.url and person.count():
            return self._go(person)
        if self.status >= 400 and self.status != 422:
            raise NotAsPromised(f"{self.url} respondió {self.status}: {self.text[:200]}")
        return self

    def read(self) -> None:
        """Look at the page as it is now."""
        self.url, self.page = self.tab.url, html.fromstring(self.tab.content())

    def activate(self, control: Locator) -> None:
        """Press a button, a link or a summary."""
        control.click()

    def choose(self, options: Locator, value: str) -> None:
        """Choose a radio button."""
        options.and_(self.tab.locator(f'[value="{value}"]')).check()

    def tick(self, box: Locator) -> None:
        """Tick a box."""
        box.check()

    def pick(self, select: Locator, value: str) -> None:
        """Pick from a list."""
        select.select_option(value)

    def send(self, control: Locator, file: Any) -> None:
        """Choose a file."""
        control.first.set_input_files({"name": file[0], "mimeType": file[2], "buffer": file[1].getvalue()})

    def write(self, control: Locator, text: str) -> None:
        """Replace the text of a control."""
        control.fill(text)


class WithKeyboard(InBrowser):
    """Uses Tab, arrows, space, Enter and letters, and sees at each stop where the focus is."""

    def activate(self, control: Locator) -> None:
        """Reach it and press Enter."""
        self.reach(control)
        self.tab.keyboard.press("Enter")

    def choose(self, options: Locator, value: str) -> None:
        """Reach the group, and its option with the arrow."""
        self.reach(options)
        wanted = options.and_(self.tab.locator(f'[value="{value}"]'))
        for _option in range(options.count()):
            if self._is_on(wanted):
                break
            self.tab.keyboard.press("ArrowDown")
        self.tab.keyboard.press("Space")
        assert wanted.is_checked(), f"{value} no quedó elegido"

    def tick(self, box: Locator) -> None:
        """Reach it and press the space bar, unless it is ticked."""
        self.reach(box)
        if not box.is_checked():
            self.tab.keyboard.press("Space")
        assert box.is_checked()

    def pick(self, select: Locator, value: str) -> None:
        """Reach the list and type the option's words."""
        words = select.locator(f'option[value="{value}"]').inner_text()
        self.reach(select)
        self.tab.keyboard.type(words)
        assert select.input_value() == value, f"«{words}» no quedó elegido"

    def send(self, control: Locator, file: Any) -> None:
        """Reach the control; Enter opens the system's own dialogue."""
        self.reach(control)
        with self.tab.expect_file_chooser() as chooser:
            self.tab.keyboard.press("Enter")
        chooser.value.set_files({"name": file[0], "mimeType": file[2], "buffer": file[1].getvalue()})

    def write(self, control: Locator, text: str) -> None:
        """Reach it, select what it has and type."""
        self.reach(control)
        self.tab.keyboard.press("Control+a")
        self.tab.keyboard.type(text)

    def reach(self, control: Locator) -> None:
        """Press Tab until the focus is there. AssertionError where it cannot be seen or never comes."""
        for _stop in range(MOST_STOPS):
            if self._is_on(control):
                return
            self.tab.keyboard.press("Tab")
            hidden = self.tab.evaluate(FOCUS_IS_SEEN)
            assert not hidden, f"El foco no se ve en {self.tab.url}: {hidden}"
        raise AssertionError(f"El teclado no llega a {control} en {self.tab.url}")

    def _is_on(self, control: Locator) -> bool:
        return bool(control.evaluate_all("controls => controls.includes(document.activeElement)"))
