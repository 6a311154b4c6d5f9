"""The pure decisions behind officials' buttons, and the words of days and events."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest

from audit.api import canonical_bytes
from audit.models import Event
from tests.house import tree
from tests.procedures.bundles import licence
from workflows.presenting.desk_act import Piece, pieces
from workflows.presenting.history import SENTENCES, sentence
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


def recordings() -> Iterator[tuple[str, set[str] | None]]:
    """The kind of each event that is recorded by its name, with the names of its data where they are written there."""
    for path in tree.python_files("workflows"):
        text = (tree.ROOT / path).read_text()
        for call in ast.walk(ast.parse(text)) if ".record(" in text else ():
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "record"):
                continue
            if len(call.args) > 1 and isinstance(call.args[0], ast.Constant):
                body = call.args[1]
                names = [getattr(key, "value", None) for key in body.keys] if isinstance(body, ast.Dict) else [None]
                yield str(call.args[0].value), None if None in names else {str(name) for name in names}


def test_every_event_that_is_recorded_has_a_sentence_which_its_data_fill() -> None:
    found = list(recordings())
    assert len([data for _kind, data in found if data]) > 40
    for kind, data in found:
        asked = set(re.findall(r"%\((\w+)\)", str(SENTENCES[kind])))
        assert data is None or asked <= data, kind


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("task.handed_out", {"step": "admision"}, "Entregó por turno «Examen de admisibilidad»"),
        (
            "exchange.asked",
            {"body": "Registro Civil", "exchange": "letter", "trace": "1"},
            "Se pidió a Registro Civil (oficio)",
        ),
        ("exchange.ended", {"body": "Registro Civil", "result": "error"}, "Lo pedido a Registro Civil: no respondió"),
        (
            "notification.not_reached",
            {"step": "admision", "answer": "no_domicile"},
            "La Plataforma no pudo notificar «Examen de admisibilidad»: sin domicilio digital",
        ),
        (
            "exemption.paper",
            {"state": "asked", "number": "2026-000012"},
            "Vale en papel: su excepción a lo electrónico estaba pedida (solicitud N° 2026-000012; DS 4, art. 31)",
        ),
    ],
)
def test_what_an_event_holds_is_said_in_words(kind: str, data: dict[str, str], said: str) -> None:
    """The first one as it was recorded before the official stood among its data."""
    assert sentence(Event(kind=kind, body=canonical_bytes({"data": data})), licence()) == said
