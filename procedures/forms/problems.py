"""The error summary of a page: one line for each problem, leading to the control that mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms import BaseForm


@dataclass(frozen=True)
class Problem:
    """A line of the error summary: what to do, and the id of the control to do it in, or none."""

    target: str
    text: str


def problems_of(form: BaseForm, refusal: Exception | str | None = None, *, at: str = "") -> list[Problem]:
    """The lines of a form that no procedure defines: its errors, and last why what was asked is refused.

    `at`: id of the control where that is mended; without it the line leads nowhere.
    """
    return [*_of_questions(form), *([Problem(at, str(refusal))] if refusal else [])]


def _of_questions(form: BaseForm) -> Iterator[Problem]:
    for name, texts in form.errors.items():
        target = _first_control(form, name) if name in form.fields else "main"
        yield from (Problem(target, str(text)) for text in texts)


def _first_control(form: BaseForm, name: str) -> str:
    """A question of several controls has no id of its own: the first of them answers for it."""
    return form[name].id_for_label or f"{form[name].auto_id}_0"
