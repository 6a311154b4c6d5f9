"""What a step of a case is called where people read it: in their language, and for those who apply in their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from procedures.api import Bundle, EndStep, bundle_of
from workflows.models import Case, CaseTask

ROW = ": "
"""Between the title of a step and the name of its row."""


def for_applicant(task: CaseTask, bundle: Bundle, language: str) -> str:
    """The step's title as those who apply read it; `bundle` as published. With the name of its row, if any."""
    return _said(task, bundle, lambda known: known.spoken(language, language).for_applicant)


def for_official(task: CaseTask, bundle: Bundle, language: str) -> str:
    """The step's title as officials read it; `bundle` as published. With the name of its row, if any."""
    return _said(task, bundle, lambda known: known.spoken(language, language))


def _said(task: CaseTask, bundle: Bundle, tell: Callable[[Bundle], Bundle]) -> str:
    """By the version that names the step as the task does: of a case that changed versions, perhaps a former one."""
    for known in _versions(task, bundle):
        title = known.step(task.step_id).title if known.has_step(task.step_id) else None
        row = task.step_title.removeprefix(title or "")
        if title is not None and task.step_title == title + row and (not row or row.startswith(ROW)):
            return tell(known).step(task.step_id).title + row
    return task.step_title


def _versions(task: CaseTask, bundle: Bundle) -> Iterator[Bundle]:
    yield bundle
    if task.process_id is not None:
        yield from map(bundle_of, task.process.former_versions)


def end_of(case: Case, tasks: Sequence[CaseTask]) -> CaseTask | None:
    """The end of its procedure by which the case ended, among its steps; None where it ended otherwise."""
    bundle, ends = bundle_of(case.version), [task for task in tasks if task.step_kind == "end"]
    end = bundle.step(ends[-1].step_id) if ends and bundle.has_step(ends[-1].step_id) else None
    return ends[-1] if isinstance(end, EndStep) and end.outcome == case.outcome else None


def ends_of(cases: Iterable[Case]) -> dict[int, list[CaseTask]]:
    """{case: the ends that it reached, in order}, of those that have ended; one query for all of them."""
    known = {case.pk: case for case in cases if case.finished is not None}
    found: dict[int, list[CaseTask]] = {pk: [] for pk in known}
    if known:
        for task in CaseTask.objects.filter(process__in=known, step_kind="end").defer("flow_task").order_by("pk"):
            task.process = known[task.process_id]
            found[task.process_id].append(task)
    return found
