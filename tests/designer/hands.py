"""Somebody at the designer's pages without a browser: sends only forms that a page has, with controls it has."""

from __future__ import annotations

from typing import Any

from django.test import Client
from lxml import html

from designer.models import ProcedureDraft


class Hands:
    """A person who reads a page, fills in one of its forms and sends it."""

    def __init__(self, client: Client, draft: ProcedureDraft | None = None) -> None:
        self.client, self.at, self.sent = client, f"/diseno/{draft.pk}/" if draft else "/diseno/", 0

    def page(self, path: str) -> Any:
        """The drawn page at a path below the draft's."""
        answer = self.client.get(self.at + path)
        assert answer.status_code == 200, (path, answer.status_code)
        return html.fromstring(answer.content.decode())

    def send(self, path: str, form: str, typed: dict[str, Any] | None = None) -> str:
        """Fill the form whose id or end of address is `form` and send it; returns the path where it leads."""
        return self.send_each(path, form, [typed or {}])[0]

    def send_each(self, path: str, form: str, each: list[dict[str, Any]]) -> list[str]:
        """Send the same form of a page once for each set of values."""
        found = _form(self.page(path), form)
        return [self._sent(path, found, typed) for typed in each]

    def _sent(self, path: str, form: Any, typed: dict[str, Any]) -> str:
        sent = _sent(form)
        for name, value in typed.items():
            sent[name] = _admitted(form, name, value)
        answer = self.client.post(form.get("action") or self.at + path, sent)
        self.sent += 1
        assert answer.status_code == 302, (path, typed, answer.context and answer.context.get("errors"))
        return str(answer["Location"]).partition("#")[0].partition("?")[0].removeprefix(self.at)


def _form(page: Any, name: str) -> Any:
    forms = [form for form in page.forms if _is_called(form, name)]
    assert forms, f"the page has no form {name}: {[form.get('action') for form in page.forms]}"
    return forms[0]


def _is_called(form: Any, name: str) -> bool:
    """Whether it has that id or address; without a name, whether it is sent to its own page."""
    action = form.get("action") or ""
    return not action if not name else form.get("id") == name or action.endswith(name)


def _sent(form: Any) -> dict[str, list[str]]:
    """What a browser would send of a form as it stands."""
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


def _admitted(form: Any, name: str, value: Any) -> list[str]:
    """The value as sent, once sure that the form has such a control and that it can hold it."""
    controls = [control for control in form.xpath(".//*[@name]") if control.get("name") == name]
    assert controls, f"no control {name} among {sorted({c.get('name') for c in form.xpath('.//*[@name]')})}"
    wanted: list[Any] = value if isinstance(value, list) else [] if value is None or value is False else [value]
    kind = controls[0].get("type", controls[0].tag)
    if kind == "textarea" and isinstance(value, list):
        wanted = ["\n".join(map(str, value))]
    if kind == "select":
        choices = {option.get("value") for option in controls[0].iter("option")}
        assert set(wanted) <= choices, (name, wanted, choices)
    if kind in ("radio", "checkbox"):
        values = {control.get("value", "on") for control in controls}
        wanted = ["on"] if value is True else wanted
        assert set(wanted) <= values, (name, wanted, values)
    return [str(one) for one in wanted]
