"""A person with a browser without JavaScript: visits pages over HTTP, fills in their forms, presses their buttons."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urljoin

import requests
from lxml import html

TIMEOUT = 120


class NotAsPromised(Exception):
    """What the product did is not what its pages and README say."""


class Visitor:
    """One person's browser: own cookies, one page at a time."""

    def __init__(self, base: str, run: str) -> None:
        self.base, self.run = base, run
        self.session = requests.Session()
        self.session.trust_env = False
        self.page: html.HtmlElement = html.fromstring("<html/>")
        self.url, self.status = base, 0

    def visit(self, path: str) -> Visitor:
        """Open an address; signs in when the site asks for it. Raises NotAsPromised for an error page."""
        self._take(self.session.get(urljoin(self.url, path), timeout=TIMEOUT))
        return self._identified()

    def press(
        self, words: str, fields: Mapping[str, Any] | None = None, files: Mapping[str, Any] | None = None
    ) -> Visitor:
        """Press the button with these words, after filling in fields of its form."""
        button, form = self._button(words)
        data = dict(_controls(form))
        data.update(fields or {})
        if button.get("name"):
            data[button.get("name")] = button.get("value", "")
        address = urljoin(self.url, form.get("action") or self.url)
        if (form.get("method") or "get").lower() == "get":
            self._take(self.session.get(address, params=data, timeout=TIMEOUT))
        else:
            headers = {"Referer": self.url, "Origin": "/".join(self.url.split("/")[:3])}
            posted = self.session.post(address, data=data, files=files or None, headers=headers, timeout=TIMEOUT)
            self._take(posted)
        return self._identified()

    def follow(self, words: str) -> Visitor:
        """Follow the link with these words."""
        for link in self.page.iter("a"):
            if words in text_of(link):
                return self.visit(str(link.get("href")))
        raise NotAsPromised(f"No hay un enlace «{words}» en {self.url}")

    def fetch(self, path: str) -> bytes:
        """Download a file."""
        answer = self.session.get(urljoin(self.url, path), timeout=TIMEOUT)
        if answer.status_code != 200:
            raise NotAsPromised(f"{path} respondió {answer.status_code}")
        return answer.content

    def wait_for(self, words: str, *, seconds: float = 240) -> Visitor:
        """Reload the page until it says so."""
        until = time.monotonic() + seconds
        while words not in self.text:
            if time.monotonic() > until:
                raise NotAsPromised(f"Después de {seconds:.0f} s, {self.url} no dice «{words}»")
            time.sleep(0.5)
            self.visit(self.url)
        return self

    def expect(self, *words: str) -> Visitor:
        """The page must say all this."""
        for wanted in words:
            if wanted not in self.text:
                raise NotAsPromised(f"{self.url} no dice «{wanted}»: {self.text[:300]}")
        return self

    @property
    def text(self) -> str:
        """The words of the page."""
        return text_of(self.page)

    def has_button(self, words: str) -> bool:
        """Whether the page offers the button."""
        return any(words in text_of(button) for button in self.page.iter("button"))

    def names(self) -> set[str]:
        """Names of the controls of the page."""
        return {
            control.get("name") for control in self.page.xpath("//input|//select|//textarea") if control.get("name")
        }

    def _button(self, words: str) -> tuple[Any, Any]:
        for button in self.page.iter("button"):
            if words in text_of(button):
                form = self.page.get_element_by_id(button.get("form")) if button.get("form") else _form_of(button)
                return button, form
        raise NotAsPromised(f"No hay un botón «{words}» en {self.url}: {self.text[:300]}")

    def _take(self, answer: requests.Response) -> None:
        self.url, self.status = answer.url, answer.status_code
        if answer.status_code >= 500:
            raise NotAsPromised(f"{answer.url} respondió {answer.status_code}")
        self.page = html.fromstring(answer.content or b"<html/>")

    def _identified(self) -> Visitor:
        """Choose oneself at the identity provider when the site sent us there."""
        for button in self.page.xpath("//button[@name='person']"):
            if button.get("value") == self.run:
                form = _form_of(button)
                data = {**dict(_controls(form)), "person": self.run}
                self._take(self.session.post(urljoin(self.url, form.get("action")), data=data, timeout=TIMEOUT))
        if self.status >= 400 and self.status != 422:
            raise NotAsPromised(f"{self.url} respondió {self.status}: {self.text[:200]}")
        return self


def text_of(element: Any) -> str:
    """The words of an element, spaces folded."""
    return re.sub(r"\s+", " ", str(element.text_content())).strip()


def _form_of(button: Any) -> Any:
    return next(element for element in button.iterancestors("form"))


def _controls(form: Any) -> Iterable[tuple[str, Any]]:
    """What a browser would send of a form untouched: text, chosen options, ticked boxes, hidden marks."""
    found: dict[str, list[str]] = {}
    for control in form.xpath(".//input|.//select|.//textarea"):
        name, kind = control.get("name"), control.get("type", "text")
        if not name or kind in ("file", "submit", "button"):
            continue
        if kind in ("checkbox", "radio"):
            if control.get("checked") is not None:
                found.setdefault(name, []).append(control.get("value", "on"))
        elif control.tag == "select":
            found.setdefault(name, []).extend(control.xpath(".//option[@selected]/@value") or [""])
        else:
            found.setdefault(name, []).append(control.value or "")
    return found.items()
