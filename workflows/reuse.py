"""What the person already told in an earlier application, offered to be used again with one click (check 23)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from procedures.api import Field, bundle_of, display_value
from workflows import drafts
from workflows.access import own_cases
from workflows.models import Case, Draft

LOOKED_AT = 10
"""Latest applications that are looked at."""


@dataclass(frozen=True)
class Earlier:
    """An answer of an earlier application, and its N°."""

    number: str
    answer: Any
    said: str


def earlier_answers(draft: Draft, questions: Iterable[Field]) -> dict[str, Earlier]:
    """By question without answer yet: the latest answer that the person gave to one of the same meaning and type.

    Only what the person filed themselves; sensitive answers never stand in what is read here.
    """
    wanted = {
        (question.reuse, question.type): question.id
        for question in questions
        if question.reuse and not question.sensitive and question.id not in draft.answers
    }
    found: dict[str, Earlier] = {}
    if not wanted or draft.task is not None or draft.applicant != draft.person:
        return found  # whoever fills it in for somebody else sees neither their own answers nor the other's
    cases = own_cases(draft.person).filter(parties__person=draft.person, parties__kind="applicant")
    for case in cases.select_related("version").defer("flow_class").order_by("-filed_at", "-pk")[:LOOKED_AT]:
        for key, earlier in _told(case):
            if key in wanted:
                found.setdefault(wanted[key], earlier)
    return found


def _told(case: Case) -> Iterable[tuple[tuple[str | None, str], Earlier]]:
    bundle = bundle_of(case.version)
    start = bundle.start.id
    given = case.data.get(start, {})
    for question in bundle.fields_of(start):
        if question.reuse and question.id in given:
            answer = given[question.id]
            yield (question.reuse, question.type), Earlier(case.number, answer, display_value(question, answer))


def known_from_identity(draft: Draft, questions: Iterable[Field]) -> set[str]:
    """Questions answered with what the identity provider said, and not changed since."""
    if draft.task is not None or draft.applicant != draft.person:
        return set()
    known = drafts.known_answers(drafts.bundle_for(draft), draft.step_id, draft.person)
    given = drafts.read(draft)
    return {
        question.id for question in questions if question.id in known and given.get(question.id) == known[question.id]
    }
