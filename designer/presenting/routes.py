"""The page of every route: which questions decide, where each answer leads, and the ways through."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from string import ascii_uppercase
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from designer import routes, tree, trying
from designer.cards import questions
from designer.cards.controls import UNITS
from designer.cards.steps import answers_of
from designer.models import ProcedureDraft
from designer.presenting import lists
from designer.queries import readable
from designer.routes import FlowRoute, FormRoute
from designer.tree import Address, Data
from procedures.api import Bundle, display_value
from workflows.api import Entry

MOST_VARIANTS = 3
"""Combinations of answers that a route tells in full."""


def context(draft: ProcedureDraft) -> dict[str, Any]:
    """Everything on the page."""
    bundle = readable(draft.content)
    form = _form(draft.content)
    found, flows = routes.form_routes(bundle), routes.flow_routes(bundle)
    fields = list(tree.fields_of_form(form)) if form else []
    numbers = {field["id"]: number for number, (_at, field) in enumerate(fields, 1)}
    ways = [_way(bundle, route, name, numbers) for name, route in zip(_names(), found.routes, strict=False)]
    cards = [_card(draft, at, field, number) for number, (at, field) in enumerate(fields, 1)]
    return {
        "tab": "routes",
        "cards": [card for card in cards if card],
        "plain": [number for number, card in enumerate(cards, 1) if not card],
        "ways": ways,
        "summary": _summary(ways, is_cut=found.is_cut),
        "is_cut": found.is_cut,
        "most": routes.MOST_ROUTES,
        "flows": [_flow(bundle, route, number) for number, route in enumerate(flows.routes, 1)],
        "flows_are_cut": flows.is_cut,
    }


def _names() -> list[str]:
    """A, B … Z, AA, AB…"""
    return [*ascii_uppercase, *(first + second for first in "AB" for second in ascii_uppercase)]


def _form(content: Data) -> Data | None:
    start: Data = next((step for step in content.get("steps") or () if step["kind"] == "start"), {})
    found: Data | None = tree.find(content, ("forms", str(start.get("form"))))
    return found


def _card(draft: ProcedureDraft, at: Address, field: Data, number: int) -> dict[str, Any] | None:
    """A question with answers that may each open another; None for any other, and where none does."""
    if field.get("type") != "yes_no" and not field.get("options"):
        return None
    targets = questions.choosing_leads_to(draft.content, at)
    later = questions.later_questions(draft.content, at)
    if not later:
        return None
    return {
        "number": number, "title": field.get("label") or field["id"], "url": lists.item_url(draft, at),
        "address": tree.written(at), "later": later, "is_open": bool(targets),
        "answers": [(name, words, targets.get(name, "")) for name, words in answers_of(field)],
        "onward": _onward(draft.content, at, number),
    }  # fmt: skip


def _onward(content: Data, at: Address, number: int) -> str:
    """What comes after a question when nothing else is said."""
    fields = [field for _at, field in tree.fields_of_form(tree.get(content, at[:2]))]
    if number >= len(fields):
        return _("Se revisa y se envía")
    following = fields[number]
    return _("Siguiente: %(n)s. %(title)s") % {"n": number + 1, "title": following.get("label") or following["id"]}


def _way(bundle: Bundle, route: FormRoute, name: str, numbers: dict[str, int]) -> dict[str, Any]:
    told = _variants(bundle, route.answers)
    return {
        "name": name,
        "numbers": " · ".join(str(numbers[each]) for each in route.asked if each in numbers),
        "count": len(route.asked),
        "minutes": routes.minutes(len(route.asked)),
        "exit": route.exit_title,
        "variants": told[:MOST_VARIANTS],
        "more": max(0, len(told) - MOST_VARIANTS),
        "story": _story(bundle, route.answers[0]),
    }


def _story(bundle: Bundle, answers: dict[str, Any]) -> str:
    """The trial that files the application with these answers, and examples for the others."""
    begun = trying.begin(bundle)
    filed = Entry("file", bundle.code, details={"answers": answers, "sample": True})
    return replace(begun, story=trying.with_entry(begun.story, filed)).told


def _variants(bundle: Bundle, each: list[dict[str, Any]]) -> list[list[tuple[str, str]]]:
    """The answers that decide, in words: in one line where every combination of what it lists leads here."""
    start = next(step.id for step in bundle.steps if step.kind == "start")
    by_id = {question.id: question for question in bundle.fields_of(start)}
    told = [{name: display_value(by_id[name], value) for name, value in answers.items()} for answers in each]
    whole = {name: list(dict.fromkeys(one[name] for one in told if name in one)) for one in told for name in one}
    alike = all(one.keys() == whole.keys() for one in told)
    if alike and prod(len(words) for words in whole.values()) == len(told):
        told = [{name: _(" o ").join(words) for name, words in whole.items()}]
    return [[(by_id[name].label, words) for name, words in one.items()] for one in told if one]


def _summary(ways: list[dict[str, Any]], *, is_cut: bool) -> str:
    if not ways:
        return _("Todavía no hay preguntas que recorrer.")
    longest = max(ways, key=lambda way: way["count"])
    figures = {"n": len(ways), "count": longest["count"], "minutes": longest["minutes"]}
    if is_cut:
        return _("Hay más de %(n)s caminos. De los que se muestran, el más largo tiene %(count)s preguntas, unos "
                 "%(minutes)s min.") % figures  # fmt: skip
    text = ngettext(
        "Hay %(n)s camino: %(count)s preguntas, unos %(minutes)s min.",
        "Hay %(n)s caminos. El más largo: %(count)s preguntas, unos %(minutes)s min.",
        len(ways),
    )
    return text % figures


def _flow(bundle: Bundle, route: FlowRoute, number: int) -> dict[str, Any]:
    titles = {step.id: step.title for step in bundle.steps}
    units = dict(UNITS)
    return {
        "number": number,
        "steps": [titles[name] for name in route.steps],
        "words": [words for words in route.words if words],
        "time": [(amount, units[unit]) for unit, amount in route.deadlines],
    }
