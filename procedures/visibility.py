"""Which questions are asked, given what was answered. Pages, submissions and summaries all ask here."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from procedures.expressions import RuleError, evaluate
from procedures.fields.base import display_value
from procedures.schema import Bundle, CorrectionStep, Field

log = logging.getLogger(__name__)

Scope = Mapping[str, Mapping[str, Any]]
"""Answers by step and question: what rules may read."""


def answered_step(bundle: Bundle, step_id: str) -> str:
    """The step under whose name the answers stand: a correction fills in those of the step it amends."""
    step = bundle.step(step_id)
    return answered_step(bundle, step.amends) if isinstance(step, CorrectionStep) else step_id


def is_shown(question: Field, scope: Scope, bundle: Bundle) -> bool:
    """Whether the question is asked. A rule without verdict, because an answer it uses is missing, hides it."""
    if question.visible_when is None:
        return True
    try:
        return evaluate(question.visible_when, scope, bundle)
    except RuleError:
        log.warning("No verdict on showing question %s of procedure %s", question.id, bundle.code)
        return False


def shown_answers(bundle: Bundle, step_id: str, scope: Scope) -> dict[str, Any]:
    """The answers of the step without those of hidden questions, which neither count nor are sent."""
    step = answered_step(bundle, step_id)
    stored = scope.get(step, {})
    kept: dict[str, Any] = {}
    for question in bundle.fields_of(step_id):
        if question.id in stored and is_shown(question, {**scope, step: kept}, bundle):
            kept[question.id] = stored[question.id]
    return kept


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


def summary(bundle: Bundle, step_id: str, scope: Scope) -> list[SummarySection]:
    """What was asked and answered at a step, page by page; pages without questions are left out."""
    form = bundle.form_of(step_id)
    step = answered_step(bundle, step_id)
    kept = shown_answers(bundle, step_id, scope)
    sections = []
    for place, page in enumerate(form.pages if form else (), 1):
        rows = list(_rows(bundle, page.fields, {**scope, step: kept}, kept))
        if rows:
            sections.append(SummarySection(page.title, place, rows))
    return sections


def _rows(bundle: Bundle, questions: tuple[Field, ...], scope: Scope, kept: Mapping[str, Any]) -> Iterator[SummaryRow]:
    for question in questions:
        if question.is_question and is_shown(question, scope, bundle):
            answer = kept.get(question.id)
            yield SummaryRow(question, question.label, display_value(question, answer), answer)
