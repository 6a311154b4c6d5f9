"""The arithmetic of the chains: canonical bytes, commitments, links and their verdict. No Django."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

EVENT_DOMAIN = b"sin-papeleo/audit-event/v1\x00"
VALUE_DOMAIN = b"sin-papeleo/audit-value/v1\x00"
"""Prefixes that keep a hash made for one purpose from ever passing as a hash made for another."""

NO_HASH = bytes(32)
"""What stands for "the event before" in the first event of a chain."""


class NotCanonical(ValueError):
    """A value that has no canonical bytes: a float, a date, a number beyond 2^53."""


@dataclass(frozen=True)
class Head:
    """The last event of a chain: its place (0 when the chain is empty) and its hash (32 bytes)."""

    seq: int = 0
    hash: bytes = NO_HASH


@dataclass(frozen=True)
class ChainVerdict:
    """Whether a chain is whole. `broken_at` is the place of the first wrong or missing event."""

    stream: str
    ok: bool
    length: int
    broken_at: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class StoredValue:
    """A personal value beside an event; value and salt are None once erased."""

    path: str
    salt: bytes | None
    value: str | None


@dataclass(frozen=True)
class StoredEvent:
    """An event as the database gives it back."""

    stream: str
    seq: int
    kind: str
    actor: str
    at: datetime
    prev: bytes
    hash: bytes
    body: bytes
    values: Sequence[StoredValue] = ()


def canonical_bytes(value: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value without floats; raises NotCanonical otherwise."""
    _refuse_floats(value)
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotCanonical(type(error).__name__) from None


def _refuse_floats(value: Any) -> None:
    """Floats have no agreed decimal form across languages: amounts are integers or decimal strings."""
    if isinstance(value, float):
        raise NotCanonical("float")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


def sha256_hex(data: bytes) -> str:
    """SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def commitment(salt: bytes, value: Any) -> str:
    """What stands in a chain for a personal value; says nothing about it once its 16-byte salt is gone."""
    return sha256_hex(VALUE_DOMAIN + salt + canonical_bytes(value))


def instant(at: datetime) -> str:
    """An aware instant as text in UTC with microseconds: "2026-11-23T14:03:00.000000Z"."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def event_bytes(
    *, stream: str, seq: int, kind: str, actor: str, at: datetime, data: Any, commitments: Mapping[str, str]
) -> bytes:
    """The canonical bytes that an event's hash covers: its content and its place in its chain."""
    event = {"stream": stream, "seq": seq, "kind": kind, "actor": actor, "at": instant(at), "data": data}
    return canonical_bytes({**event, "personal": dict(commitments)})


def event_hash(prev: bytes, body: bytes) -> bytes:
    """SHA-256(domain ‖ prev ‖ body); `prev` is always 32 bytes, so the parts cannot slide."""
    return hashlib.sha256(EVENT_DOMAIN + prev + body).digest()


def judge_chain(stream: str, events: Iterable[StoredEvent], head: Head | None) -> ChainVerdict:
    """Walks a chain in the order of `seq`; stops at the first event that is wrong, missing or one too many."""
    last = Head()
    for event in events:
        problem = _problem_of(event, last)
        if problem:
            return ChainVerdict(stream, False, last.seq, last.seq + 1, problem)
        last = Head(event.seq, event.hash)
    return _judge_end(stream, last, head)


def _judge_end(stream: str, last: Head, head: Head | None) -> ChainVerdict:
    """Compares the last event found with the head kept elsewhere, which shows a cut tail."""
    if head is None:
        return ChainVerdict(stream, False, last.seq, last.seq + 1, "falta la cabeza de la cadena")
    if head.seq > last.seq:
        return ChainVerdict(stream, False, last.seq, last.seq + 1, "faltan los últimos eventos")
    if head != last:
        return ChainVerdict(stream, False, last.seq, head.seq + 1, "la cadena no termina donde dice su cabeza")
    return ChainVerdict(stream, True, last.seq)


def _problem_of(event: StoredEvent, last: Head) -> str:
    """Why `event` may not follow `last`; empty when it may."""
    if event.seq != last.seq + 1:
        return "falta un evento"
    if event.prev != last.hash:
        return "no continúa el evento anterior"
    if event_hash(event.prev, event.body) != event.hash:
        return "el contenido no corresponde a su huella"
    return _problem_of_columns(event) or _problem_of_values(event)


def _problem_of_columns(event: StoredEvent) -> str:
    """The columns used for searching must repeat what the hashed bytes say."""
    said = _read(event.body)
    columns = {"stream": event.stream, "seq": event.seq, "kind": event.kind, "actor": event.actor}
    if any(said.get(name) != value for name, value in columns.items()) or said.get("at") != instant(event.at):
        return "las columnas no repiten el contenido"
    return ""


def _problem_of_values(event: StoredEvent) -> str:
    """Each commitment has its row, and each row that still has a value opens its commitment."""
    committed = _read(event.body).get("personal", {})
    if {value.path for value in event.values} != set(committed):
        return "faltan o sobran valores personales"
    for stored in event.values:
        if stored.value is None and stored.salt is None:
            continue
        if stored.value is None or stored.salt is None or not _opens(committed[stored.path], stored.salt, stored.value):
            return "un valor personal no corresponde a su compromiso"
    return ""


def _opens(committed: str, salt: bytes, canonical_text: str) -> bool:
    return sha256_hex(VALUE_DOMAIN + salt + canonical_text.encode()) == committed


def _read(body: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(body)
    return read
