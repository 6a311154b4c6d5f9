"""What a step of a case is called where people read it: in their language, and for those who apply in their words."""

from __future__ import annotations

from procedures.api import Bundle
from workflows.models import CaseTask

ROW = ": "
"""Between the title of a step and the name of its row."""


def for_applicant(task: CaseTask, bundle: Bundle, language: str) -> str:
    """The step's title as those who apply read it; `bundle` as published. With the name of its row, if any."""
    return _said(task, bundle, bundle.spoken(language, language).for_applicant)


def for_official(task: CaseTask, bundle: Bundle, language: str) -> str:
    """The step's title as officials read it; `bundle` as published. With the name of its row, if any."""
    return _said(task, bundle, bundle.spoken(language, language))


def _said(task: CaseTask, bundle: Bundle, told: Bundle) -> str:
    """A step that the bundle names otherwise, since the case changed versions, keeps the title that it had."""
    title = bundle.step(task.step_id).title if bundle.has_step(task.step_id) else None
    row = task.step_title.removeprefix(title or "")
    is_named_so = title is not None and task.step_title == title + row and (not row or row.startswith(ROW))
    return told.step(task.step_id).title + row if is_named_so else task.step_title
