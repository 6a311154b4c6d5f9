"""Which questions are asked, given what was answered. Pages, submissions and summaries all ask here."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from procedures.expressions import Pesos, RuleError, compute, evaluate
from procedures.fields.base import display_value
from procedures.schema import Bundle, Condition, CorrectionStep, Field, Option, Page

log = logging.getLogger(__name__)

Scope = Mapping[str, Mapping[str, Any]]
"""Answers by step and question: what rules may read."""


def answered_step(bundle: Bundle, step_id: str) -> str:
    """The step under whose name the answers stand: a correction fills in those of the step it amends."""
    step = bundle.step(step_id)
    return answered_step(bundle, step.amends) if isinstance(step, CorrectionStep) else step_id


def holds(condition: Condition, scope: Scope, bundle: Bundle, about: str) -> bool:
    """Whether a condition holds. A rule without verdict, because an answer it uses is missing, does not."""
    try:
        return evaluate(condition, scope, bundle)
    except RuleError:
        log.warning("No verdict on %s of procedure %s", about, bundle.code)
        return False


def as_asked(question: Field, scope: Scope, bundle: Bundle) -> Field | None:
    """The question as it is asked now: only the options on offer, required or not; None when it is not asked."""
    if question.visible_when is not None and not holds(question.visible_when, scope, bundle, question.id):
        return None
    changes: dict[str, Any] = {}
    if question.required_when is not None:
        changes["required"] = holds(question.required_when, scope, bundle, question.id)
    if any(option.only_when for option in question.options):
        offered = [option for option in question.options if is_offered(option, scope, bundle)]
        if not offered:
            return None
        changes["options"] = tuple(offered)
    return question.model_copy(update=changes) if changes else question


def is_shown(question: Field, scope: Scope, bundle: Bundle) -> bool:
    """Whether the question is asked."""
    return as_asked(question, scope, bundle) is not None


def is_offered(option: Option, scope: Scope, bundle: Bundle) -> bool:
    """Whether an option can be chosen now."""
    return option.only_when is None or holds(option.only_when, scope, bundle, option.id)


def is_varying(question: Field) -> bool:
    """Whether other answers change what the question looks like, besides hiding it."""
    return question.required_when is not None or any(option.only_when for option in question.options)


def worked_out(question: Field, own: Mapping[str, Any], scope: Scope, bundle: Bundle, pesos: Pesos) -> Any:
    """The answer of a computed question, given those beside it; None while one that it uses is missing."""
    try:
        return compute(question, own, scope, bundle, pesos)
    except RuleError:
        log.warning("No result of %s of procedure %s", question.id, bundle.code)
        return None


def asked_in_row(
    group: Field, row: Mapping[str, Any], scope: Scope, bundle: Bundle, pesos: Pesos | None = None
) -> tuple[list[Field], dict[str, Any]]:
    """The questions asked in a row with what is stored in it, and the answers that count: hidden ones do not.

    With the day's value of each indicator, what is computed is worked out again.
    """
    kept = {"id": row["id"]} if "id" in row else dict[str, Any]()
    within, inside, fields = {**scope, group.id: kept}, bundle.in_row(group), []
    for question in group.fields:
        if (asked := as_asked(question, within, inside)) is None:
            continue
        fields.append(asked)
        answer = row.get(question.id)
        if question.type == "computed" and pesos is not None:
            answer = worked_out(question, kept, within, inside, pesos)
        if answer is not None and is_allowed(asked, answer):
            kept[question.id] = answer
    return fields, kept


def as_it_counts(question: Field, answer: Any, scope: Scope, bundle: Bundle, pesos: Pesos | None = None) -> Any:
    """A stored answer; of rows, only what each still asks."""
    if question.type != "group" or not question.rows_follow_rules or not answer:
        return answer
    return [asked_in_row(question, row, scope, bundle, pesos)[1] for row in answer]


class Journey:
    """Which pages of a form are asked, told one after the other as their answers are read."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._goal = ""

    def asks(self, page: Page, scope: Scope) -> bool:
        """Whether the next page is asked, given every answer before it."""
        if self._goal and page.id != self._goal:
            return False
        self._goal = ""
        return page.visible_when is None or holds(page.visible_when, scope, self._bundle, page.id)

    def leave(self, page: Page, scope: Scope) -> None:
        """The page's answers are known: the first skip that holds decides what comes next."""
        chosen = (skip for skip in page.skip if holds(skip.when, scope, self._bundle, page.id))
        self._goal = next((skip.goto for skip in chosen), "")


@dataclass(frozen=True)
class AskedPage:
    """A page of a form that is asked, with its questions and texts as they are asked."""

    number: int
    """Its place in the form, counted from 1."""
    page: Page
    fields: list[Field]


def asked_pages(bundle: Bundle, step_id: str, scope: Scope) -> tuple[list[AskedPage], dict[str, Any]]:
    """The pages asked at a step with what is stored, and the answers that count: hidden ones do not."""
    form, step = bundle.form_of(step_id), answered_step(bundle, step_id)
    stored, kept = scope.get(step, {}), dict[str, Any]()
    within = {**scope, step: kept}
    journey, pages = Journey(bundle), []
    for number, page in enumerate(form.pages if form else (), 1):
        if not journey.asks(page, within):
            continue
        fields = []
        for question in page.fields:
            if (asked := as_asked(question, within, bundle)) is None:
                continue
            fields.append(asked)
            if question.id in stored and is_allowed(asked, stored[question.id]):
                kept[question.id] = as_it_counts(asked, stored[question.id], within, bundle)
        pages.append(AskedPage(number, page, fields))
        journey.leave(page, within)
    return pages, kept


def is_allowed(asked: Field, answer: Any) -> bool:
    """Whether a stored answer is among the options on offer now."""
    if not is_varying(asked):
        return True
    offered = {option.id for option in asked.options}
    chosen = answer if isinstance(answer, list | dict) else [answer]
    return not asked.options or all(one in offered for one in chosen)


@dataclass(frozen=True)
class SummaryRow:
    """A question with its answer in words."""

    question: Field
    label: str
    value: str
    answer: Any


@dataclass(frozen=True)
class SummarySection:
    """The questions of a page that were asked."""

    title: str
    page: int
    """Place of the page, counted from 1."""
    rows: list[SummaryRow]
    lang: str = ""
    """The language of the title, where it is not the page's."""


def summary(bundle: Bundle, step_id: str, scope: Scope) -> list[SummarySection]:
    """What was asked and answered at a step, page by page; pages without questions are left out."""
    pages, kept = asked_pages(bundle, step_id, scope)
    sections = [
        SummarySection(asked.page.title, asked.number, list(_rows(asked.fields, kept)), asked.page.lang)
        for asked in pages
    ]
    return [section for section in sections if section.rows]


def _rows(questions: list[Field], kept: Mapping[str, Any]) -> Iterator[SummaryRow]:
    for question in questions:
        if question.is_question:
            answer = kept.get(question.id)
            yield SummaryRow(question, question.label, display_value(question, answer), answer)
