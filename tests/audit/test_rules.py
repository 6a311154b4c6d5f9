"""Canonical bytes, commitments and the judgement of a chain, without a database."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.rules import (
    EVENT_DOMAIN,
    VALUE_DOMAIN,
    Head,
    NotCanonical,
    StoredEvent,
    canonical_bytes,
    commitment,
    event_bytes,
    event_hash,
    instant,
    judge_chain,
    sha256_hex,
)

NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
KEYS = st.text(st.characters(codec="utf-8"), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | KEYS
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))


def chain(length: int) -> tuple[list[StoredEvent], Head]:
    """A whole chain of `length` events."""
    events, head = [], Head()
    for seq in range(1, length + 1):
        body = event_bytes(
            stream="case:X", seq=seq, kind="case.seen", actor="system:test", at=NOON, data={"n": seq}, commitments={}
        )
        event = StoredEvent("case:X", seq, "case.seen", "system:test", NOON, head.hash, b"", body)
        head = Head(seq, event_hash(head.hash, body))
        events.append(replace(event, hash=head.hash))
    return events, head


@given(JSON)
def test_canonical_bytes_say_the_same_value_in_one_way_only(value: Any) -> None:
    data = canonical_bytes(value)
    assert json.loads(data) == value
    assert canonical_bytes(json.loads(data)) == data


def test_the_order_of_keys_does_not_change_the_bytes() -> None:
    assert canonical_bytes({"b": 1, "á": 2, "a": 3}) == '{"a":3,"b":1,"á":2}'.encode()


@pytest.mark.parametrize("value", [1.5, float("nan"), [0.0], {"a": {"b": [1.0]}}, 2**53 + 1, NOON, {1: "x"}, "\ud800"])
def test_values_without_agreed_bytes_are_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical_bytes(value)


def test_a_commitment_hides_its_value_behind_the_salt() -> None:
    assert commitment(b"a" * 16, "Ana") != commitment(b"b" * 16, "Ana")
    assert commitment(b"a" * 16, "Ana") == commitment(b"a" * 16, "Ana")
    assert commitment(b"a" * 16, "Ana") != sha256_hex(b"a" * 16 + canonical_bytes("Ana"))


def test_hashes_of_events_and_of_values_cannot_be_confused() -> None:
    assert EVENT_DOMAIN != VALUE_DOMAIN
    assert not EVENT_DOMAIN.startswith(VALUE_DOMAIN)
    assert not VALUE_DOMAIN.startswith(EVENT_DOMAIN)


def test_an_instant_is_written_in_utc_with_microseconds() -> None:
    in_chile = NOON.astimezone(timezone(timedelta(hours=-3)))
    assert instant(in_chile) == instant(NOON) == "2026-11-23T15:00:00.000000Z"


def test_a_whole_chain_is_good_and_so_is_an_empty_one() -> None:
    events, head = chain(5)
    assert judge_chain("case:X", events, head).ok
    assert judge_chain("case:X", [], Head()).ok


@given(st.integers(1, 6), st.integers(0, 5), st.sampled_from(["body", "hash", "prev"]), st.data())
def test_any_changed_byte_is_found_at_its_place(length: int, place: int, part: str, data: st.DataObject) -> None:
    events, head = chain(length)
    place %= length
    good = getattr(events[place], part)
    at = data.draw(st.integers(0, len(good) - 1))
    bad = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    events[place] = replace(events[place], **{part: bad})
    verdict = judge_chain("case:X", events, head)
    assert not verdict.ok
    assert verdict.broken_at == place + 1


@given(st.integers(1, 6), st.integers(0, 5))
def test_a_missing_event_is_found_at_its_place(length: int, place: int) -> None:
    events, head = chain(length)
    del events[place % length]
    verdict = judge_chain("case:X", events, head)
    assert not verdict.ok
    assert verdict.broken_at == place % length + 1


@given(st.integers(2, 6), st.data())
def test_two_exchanged_events_are_found_at_the_first(length: int, data: st.DataObject) -> None:
    events, head = chain(length)
    first = data.draw(st.integers(0, length - 2))
    events[first], events[first + 1] = events[first + 1], events[first]
    assert judge_chain("case:X", events, head).broken_at == first + 1


def test_a_rewritten_history_is_betrayed_by_its_head() -> None:
    _, head = chain(3)
    rewritten, _ = chain(2)
    other_body = event_bytes(
        stream="case:X", seq=3, kind="case.seen", actor="system:test", at=NOON, data={"n": 99}, commitments={}
    )
    last = rewritten[-1].hash
    rewritten.append(
        replace(rewritten[-1], seq=3, prev=last, hash=event_hash(last, other_body), body=other_body),
    )
    verdict = judge_chain("case:X", rewritten, head)
    assert not verdict.ok
    assert "cabeza" in verdict.reason


def test_an_event_of_another_chain_does_not_fit() -> None:
    events, head = chain(1)
    verdict = judge_chain("case:Y", [replace(events[0], stream="case:Y")], head)
    assert verdict.broken_at == 1
    assert "columnas" in verdict.reason
