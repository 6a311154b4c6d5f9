"""The page of every route: which questions decide, where each answer leads, and the ways through."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from math import prod
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from designer import routes, tree, trying
from designer.cards import questions
from designer.cards.controls import UNITS
from designer.cards.ways import answers_of
from designer.models import ProcedureDraft
from designer.presenting import lists
from designer.queries import readable
from designer.routes import Detour, FlowRoute, FormRoute, Journey
from designer.tree import Address, Data
from procedures.api import Bundle, Field, display_value
from workflows.api import Entry

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
MOST_VARIANTS = 3
"""Combinations of answers that a route tells in full."""


def context(draft: ProcedureDraft) -> dict[str, Any]:
    """Everything on the page."""
    bundle = readable(draft.content)
    form = _form(draft.content)
    journey, flows = routes.form_journey(bundle), routes.flow_routes(bundle)
    fields = list(tree.fields_of_form(form)) if form else []
    numbers = {field["id"]: number for number, (_at, field) in enumerate(fields, 1)}
    cards = [_card(draft, at, field, number, is_long=len(fields) > lists.MOST_BESIDE)
             for number, (at, field) in enumerate(fields, 1)]  # fmt: skip
    return {
        "tab": "routes",
        "cards": [card for card in cards if card],
        "plain": _ranges([number for number, card in enumerate(cards, 1) if not card]),
        "always": {"count": len(journey.always), "numbers": _ranges([numbers[name] for name in journey.always])},
        "detours": [_detour(bundle, detour, numbers) for detour in journey.detours],
        "story": _story(bundle, {}) if journey.always else "",
        "summary": _summary(journey),
        "is_cut": journey.is_cut,
        "most": routes.MOST_ROUTES,
        "flows": [_flow(bundle, route, number) for number, route in enumerate(flows.routes, 1)],
        "flows_are_cut": flows.is_cut,
    }


def _form(content: Data) -> Data | None:
    start: Data = next((step for step in content.get("steps") or () if step["kind"] == "start"), {})
    found: Data | None = tree.find(content, ("forms", str(start.get("form"))))
    return found


def _card(draft: ProcedureDraft, at: Address, field: Data, number: int, *, is_long: bool) -> dict[str, Any] | None:
    """A question with answers that may each open another; None for any other, and where none does.

    In a long form only those that do: the card of a question says it of each.
    """
    if field.get("type") != "yes_no" and not field.get("options"):
        return None
    targets = questions.choosing_leads_to(draft.content, at)
    later = questions.later_questions(draft.content, at)
    if not later or (is_long and not targets):
        return None
    return {
        "number": number, "title": field.get("label") or field["id"], "url": lists.item_url(draft, at),
        "address": tree.written(at), "later": later, "is_open": bool(targets),
        "answers": [(name, words, targets.get(name, "")) for name, words in answers_of(field)],
        "onward": _onward(draft.content, at, number),
    }  # fmt: skip


def _onward(content: Data, at: Address, number: int) -> str:
    """What comes after a question when nothing else is said: the next that does not hang from its answer."""
    fields = [field for _at, field in tree.fields_of_form(tree.get(content, at[:2]))]
    for place, following in enumerate(fields[number:], number + 1):
        if not _hangs(following, at[-1]):
            title = following.get("label") or following["id"]
            return _("Siguiente: %(n)s. %(title)s") % {"n": place, "title": title}
    return _("Se revisa y se envía")


def _hangs(field: Data, name: str) -> bool:
    """Whether a question is shown by the answer to another."""
    return any(str(value).endswith(f".{name}") for _at, value in tree.leaves(field.get("visible_when")))


def _detour(bundle: Bundle, detour: Detour, numbers: dict[str, int]) -> dict[str, Any]:
    """What the answers to some questions add; of one question alone, each way is told by its answers."""
    start = next(step.id for step in bundle.steps if step.kind == "start")
    by_id = {question.id: question for question in bundle.fields_of(start)}
    alone = by_id[detour.deciding[0]] if len(detour.deciding) == 1 else None
    tried = [answers.get(alone.id) for way in detour.routes for answers in way.answers] if alone else []
    return {
        "title": " · ".join(by_id[name].label for name in detour.deciding),
        "numbers": _ranges([numbers[name] for name in detour.deciding]),
        "ways": [
            {**_way(bundle, route, numbers), "words": _answers_alone(alone, route, tried) if alone else ""}
            for route in sorted(detour.routes, key=lambda route: len(route.asked))
        ],
    }


def _way(bundle: Bundle, route: FormRoute, numbers: dict[str, int]) -> dict[str, Any]:
    told = _variants(bundle, route.answers)
    return {
        "adds": _ranges([numbers[each] for each in route.asked if each in numbers]),
        "count": len(route.asked),
        "exit": route.exit_title,
        "variants": told[:MOST_VARIANTS],
        "more": max(0, len(told) - MOST_VARIANTS),
        "story": _story(bundle, route.answers[0]),
    }


def _answers_alone(question: Field, route: FormRoute, tried: list[Any]) -> str:
    """The answers to one question that lead here; of a number, on which side of what it is compared with."""
    given = [answers.get(question.id) for answers in route.answers]
    numbers = sorted({Decimal(str(one)) for one in tried if _is_number(one)})
    here = {Decimal(str(one)) for one in given if _is_number(one)}
    blank = [_("Sin respuesta")] if None in given else []
    if len(numbers) == 3 and here:
        before, same, after = (one in here for one in numbers)
        side = _SIDES[before, same, after] % {"n": display_value(question, _like(tried, numbers[1]))}
        return _(" o ").join([side, *blank])
    shown = [display_value(question, one) for one in given if one is not None]
    return ", ".join([*dict.fromkeys(shown), *blank])


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_NUMBER.fullmatch(value))
    return isinstance(value, int) and not isinstance(value, bool)


def _like(tried: list[Any], number: Decimal) -> Any:
    """The number as it was tried."""
    return next(one for one in tried if _is_number(one) and Decimal(str(one)) == number)


_SIDES = {
    (True, False, False): gettext_lazy("Menos de %(n)s"),
    (True, True, False): gettext_lazy("Hasta %(n)s"),
    (False, True, False): gettext_lazy("Justo %(n)s"),
    (False, True, True): gettext_lazy("Desde %(n)s"),
    (False, False, True): gettext_lazy("Más de %(n)s"),
    (True, False, True): gettext_lazy("Otro número que %(n)s"),
    (True, True, True): gettext_lazy("Cualquier número"),
}
"""Which of the number before, the number compared with and the one after lead somewhere."""


def _ranges(numbers: list[int]) -> str:
    """1, 2, 3, 7 as «1 a 3, 7»."""
    told, first = [], 0
    for place, number in enumerate(numbers):
        if place + 1 < len(numbers) and numbers[place + 1] == number + 1:
            first = first or number
            continue
        words = _("%(first)s a %(last)s") if first < number - 1 else "%(first)s, %(last)s"
        told.append(words % {"first": first, "last": number} if first else str(number))
        first = 0
    return ", ".join(told)


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


def _summary(journey: Journey) -> str:
    """How many questions people answer, at least and at most."""
    sendable = [[way for way in detour.routes if not way.exit_title] or detour.routes for detour in journey.detours]
    least = len(journey.always) + sum(min(len(way.asked) for way in ways) for ways in sendable)
    most = len(journey.always) + sum(max(len(way.asked) for way in ways) for ways in sendable)
    if not most:
        return _("Todavía no hay preguntas que recorrer.")
    figures = {"least": least, "most": most, "minutes": routes.minutes(least), "longest": routes.minutes(most)}
    if least == most:
        text = ngettext("Se hace %(most)s pregunta: unos %(longest)s min.",
                        "Se hacen %(most)s preguntas: unos %(longest)s min.", most)  # fmt: skip
    else:
        text = _("Se hacen %(least)s a %(most)s preguntas, según lo que se responda: %(minutes)s a %(longest)s min.")
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
