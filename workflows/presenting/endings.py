"""How a case ended, as its procedure calls that end."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import capfirst

from procedures.api import bundle_of
from procedures.models import ProcedureVersion
from workflows import titles
from workflows.models import Case, CaseTask
from workflows.presenting.language import page_language, step_name


def ending(case: Case, tasks: Sequence[CaseTask]) -> str:
    """As whoever applied reads it; where none of the procedure's ends was reached, the outcome itself."""
    end = titles.end_of(case, tasks)
    return step_name(end, case.version) if end is not None else capfirst(str(case.get_outcome_display()))


def ending_at_desk(case: Case, tasks: Sequence[CaseTask]) -> str:
    """As officials read it, unmarked: for the middle of a sentence."""
    end = titles.end_of(case, tasks)
    if end is None:
        return capfirst(str(case.get_outcome_display()))
    return titles.for_official(end, bundle_of(case.version), page_language())


def endings(cases: Sequence[Case], *, at_desk: bool = False) -> dict[int, str]:
    """{case: how it ended}, of those of a list that have; two queries for all of them."""
    ends = titles.ends_of(cases)
    if not ends:
        return {}
    over = [case for case in cases if case.pk in ends]
    versions = ProcedureVersion.objects.in_bulk({case.version_id for case in over})
    for case in over:
        case.version = versions[case.version_id]
    said = ending_at_desk if at_desk else ending
    return {case.pk: said(case, ends[case.pk]) for case in over}
