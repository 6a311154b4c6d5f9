"""The questions that a form did not ask, each with the rule that hid it and the values it read; of rows, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from procedures.api import (
    Bundle,
    Condition,
    Field,
    Page,
    RuleError,
    asked_in_row,
    asked_pages,
    describe,
    evaluate,
    is_sensitive,
    paths_in,
    row_title,
    values_read,
)

Values = list[tuple[str, str]]
"""What a rule read: label and answer."""
Scope = Mapping[str, Any]


@dataclass(frozen=True)
class Hidden:
    """A question or page that was not asked."""

    title: str
    rule: str
    values: Values


def verdict(condition: Condition | None, data: Scope, bundle: Bundle) -> bool | None:
    """Whether a condition holds; None when there is no saying."""
    try:
        return condition is None or evaluate(condition, data, bundle)
    except RuleError:
        return None


def unasked(
    bundle: Bundle, step_id: str, scope: Scope, *, tells_sealed_rows: bool, tells_sealed: bool
) -> Iterator[Hidden]:
    """What the form of a step did not ask with these answers.

    Of a sealed group, what each row did not ask is told only where `tells_sealed_rows`: to whoever answered. And what
    hangs from a sealed answer, only where `tells_sealed`: that it was not asked says what was answered.
    """
    form = bundle.form_of(step_id)
    pages, kept = asked_pages(bundle, step_id, scope)
    asked = {page.page.id: {question.id for question in page.fields} for page in pages}
    for page in form.pages if form else ():
        if page.id not in asked:
            if tells_sealed or not _reads_sealed([page.visible_when], bundle):
                yield _page(page, scope, bundle)
            continue
        for question in page.fields:
            if question.is_question and question.id not in asked[page.id]:
                if tells_sealed or not _reads_sealed(_conditions(question), bundle):
                    yield _question(question, scope, bundle, question.label)
            elif question.rows_follow_rules and (tells_sealed_rows or not question.sensitive):
                yield from _of_rows(question, kept.get(question.id) or (), scope, bundle, tells_sealed)


def _conditions(question: Field) -> list[Condition | None]:
    return [question.visible_when, *(option.only_when for option in question.options)]


def _reads_sealed(conditions: list[Condition | None], bundle: Bundle) -> bool:
    return any(is_sensitive(bundle, path) for one in conditions if one for path in paths_in(one, bundle))


def _page(page: Page, scope: Scope, bundle: Bundle) -> Hidden:
    title = _("Página «%(title)s»") % {"title": page.title}
    if page.visible_when is None or verdict(page.visible_when, scope, bundle):
        return Hidden(title, str(_("Una respuesta anterior lleva a una página posterior.")), [])
    return _unmet(title, page.visible_when, scope, bundle)


def _question(question: Field, scope: Scope, bundle: Bundle, title: str) -> Hidden:
    if question.visible_when is None:
        return Hidden(title, str(_("Con las otras respuestas no quedaba ninguna opción que elegir.")), [])
    return _unmet(title, question.visible_when, scope, bundle)


def _of_rows(group: Field, rows: Any, scope: Scope, bundle: Bundle, tells_sealed: bool) -> Iterator[Hidden]:
    inside = bundle.in_row(group)
    for place, row in enumerate(rows, 1):
        asked = {question.id for question in asked_in_row(group, row, scope, bundle)[0]}
        for question in group.fields:
            if not question.is_question or question.id in asked:
                continue
            if tells_sealed or not _reads_sealed(_conditions(question), inside):
                title = f"{row_title(group, place)}: {question.label}"
                yield _question(question, {**scope, group.id: row}, inside, title)


def _unmet(title: str, condition: Condition, scope: Scope, bundle: Bundle) -> Hidden:
    rule = _("Se pregunta solo si %(rule)s.") % {"rule": describe(condition, bundle)}
    return Hidden(title, rule, values_read(condition, scope, bundle))
