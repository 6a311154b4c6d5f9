"""The pure decisions behind officials' buttons, and the words of days and events."""

import re
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from tests.house import tree
from workflows.presenting.desk_act import Piece, pieces
from workflows.presenting.history import SENTENCES
from workflows.presenting.words import in_words
from workflows.rules import Action, Refusal, TaskFacts, actions, may_retry_incident, refusal, urgency

FREE = TaskFacts(kind="task", status="NEW", holds_role=True, is_taken=False, is_mine=False)
MINE = TaskFacts(kind="task", status="ASSIGNED", holds_role=True, is_taken=True, is_mine=True)
SIGN = TaskFacts(kind="sign", status="ASSIGNED", holds_role=True, is_taken=True, is_mine=True, can_return=True)


def with_(facts: TaskFacts, **other: object) -> TaskFacts:
    return TaskFacts(**{**facts.__dict__, **other})


@pytest.mark.parametrize(
    ("facts", "possible"),
    [
        (FREE, {Action.CLAIM}),
        (with_(FREE, is_preceded=True), {Action.CLAIM}),
        (MINE, {Action.RELEASE, Action.COMPLETE}),
        (with_(MINE, kind="draft"), {Action.RELEASE, Action.COMPLETE}),
        (SIGN, {Action.RELEASE, Action.SIGN, Action.SEND_BACK}),
        (with_(SIGN, can_return=False), {Action.RELEASE, Action.SIGN}),
        (with_(SIGN, status="STARTED"), set()),
        (with_(MINE, is_mine=False), set()),
        (with_(MINE, holds_role=False), set()),
        (with_(MINE, status="DONE"), set()),
        (with_(FREE, status="CANCELED"), set()),
    ],
)
def test_each_official_is_offered_exactly_what_applies(facts: TaskFacts, possible: set[Action]) -> None:
    assert actions(facts) == possible


def test_a_button_never_leads_to_a_refusal() -> None:
    flags = list(product([True, False], repeat=5))
    for kind, status in product(["task", "draft", "sign"], ["NEW", "ASSIGNED", "STARTED", "SCHEDULED", "DONE"]):
        for role, taken, mine, back, older in flags:
            facts = TaskFacts(kind, status, role, taken or mine, mine, back, older)
            assert not any(refusal(action, facts, reasoned=True) for action in actions(facts))


def test_taking_one_before_older_ones_needs_a_reason() -> None:
    """R21."""
    facts = with_(FREE, is_preceded=True)
    assert refusal(Action.CLAIM, facts) is Refusal.OUT_OF_ORDER
    assert refusal(Action.CLAIM, facts, reasoned=True) is None


def test_who_lost_the_role_may_not_finish_what_they_took() -> None:
    assert refusal(Action.COMPLETE, with_(MINE, holds_role=False)) is Refusal.NO_ROLE


def test_a_failed_signature_is_repeated_by_the_signer_and_a_failed_seal_by_staff() -> None:
    assert not may_retry_incident(is_open=True, kind="signature", task_is_open=True, task_kind="sign")
    assert may_retry_incident(is_open=True, kind="signature", task_is_open=True, task_kind="seal")
    assert may_retry_incident(is_open=True, kind="effect", task_is_open=False, task_kind="")
    assert not may_retry_incident(is_open=False, kind="effect", task_is_open=False, task_kind="")
    assert not may_retry_incident(is_open=True, kind="no_responsible", task_is_open=True, task_kind="task")
    assert may_retry_incident(is_open=True, kind="stalled", task_is_open=True, task_kind="wait")
    assert not may_retry_incident(is_open=True, kind="stalled", task_is_open=True, task_kind="seal")
    assert not may_retry_incident(is_open=True, kind="stalled", task_is_open=False, task_kind="")


TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("due_on", "days", "words", "kind"),
    [
        (date(2026, 3, 4), 0, "vence hoy", "warning"),
        (date(2026, 3, 5), 1, "1 día hábil", "warning"),
        (date(2026, 3, 6), 2, "2 días hábiles", "warning"),
        (date(2026, 3, 9), 3, "3 días hábiles", ""),
        (date(2026, 3, 3), 1, "atrasado 1 día hábil", "error"),
        (date(2026, 2, 27), 3, "atrasado 3 días hábiles", "error"),
        (date(2026, 3, 1), 0, "atrasado", "error"),
    ],
)
def test_a_last_day_is_said_in_business_days(due_on: date, days: int, words: str, kind: str) -> None:
    standing = urgency(due_on, TODAY, days)
    assert in_words(standing.level, standing.business_days) == (words, kind)


def test_a_difference_is_told_word_by_word() -> None:
    assert pieces("Vistos la ley", "Vistos la nueva ley") == [
        Piece("same", "Vistos la "),
        Piece("added", "nueva "),
        Piece("same", "ley"),
    ]
    assert "".join(piece.text for piece in pieces("a b\nc", "x b\nd") if piece.kind != "removed") == "x b\nd"


def test_every_event_that_is_recorded_has_a_sentence() -> None:
    recorded = {
        kind
        for path in tree.python_files("workflows")
        for kind in re.findall(r'\.record\(\s*"([a-z_.]+)"', (tree.ROOT / Path(path)).read_text())
    }
    assert recorded
    assert recorded <= SENTENCES.keys()
