"""Writes of the log. The only module that inserts events."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.models import Event, PersonalValue, StreamHead
from audit.rules import NO_HASH, Head, canonical_bytes, commitment, event_bytes, event_hash

ERASURES = "erasures"
"""The stream that tells which personal values were erased, by whom and when."""


class UnknownValue(LookupError):
    """There is no personal value at that event and path."""

    def __str__(self) -> str:
        return "No existe ese valor personal en la bitácora."


@dataclass(frozen=True)
class Pending:
    """An event that has its place in a chain and is not inserted yet."""

    event: Event
    salted: Mapping[str, tuple[bytes, Any]]

    @property
    def head(self) -> Head:
        """The head of the chain once it is inserted."""
        return Head(self.event.seq, bytes(self.event.hash))


def chain(
    *,
    stream: str,
    head: Head,
    kind: str,
    actor: str,
    at: datetime,
    body: Mapping[str, Any],
    personal: Mapping[str, Any] | None = None,
) -> Pending:
    """The event that follows `head`, to be given to `insert` in the same transaction.

    Personal data goes in `personal` (path → JSON value) and never in `body`. Raises NotCanonical.
    """
    salted = {path: (secrets.token_bytes(16), value) for path, value in (personal or {}).items()}
    content = event_bytes(
        stream=stream,
        seq=head.seq + 1,
        kind=kind,
        actor=actor,
        at=at,
        data=dict(body),
        commitments={path: commitment(salt, value) for path, (salt, value) in salted.items()},
    )
    digest = event_hash(head.hash, content)
    event = Event(
        stream=stream, seq=head.seq + 1, kind=kind, actor=actor, at=at, prev=head.hash, hash=digest, body=content
    )
    return Pending(event, salted)


@transaction.atomic(savepoint=False)
def insert(*, pending: Sequence[Pending]) -> None:
    """Insert events in one statement, and what can be erased of them in another.

    Raises IntegrityError when another event took a place because the row with the head was not locked.
    """
    events = Event.objects.bulk_create(one.event for one in pending)
    PersonalValue.objects.bulk_create(
        PersonalValue(event=event, path=path, salt=salt, value=canonical_bytes(value).decode())
        for event, one in zip(events, pending, strict=True)
        for path, (salt, value) in one.salted.items()
    )


def append(
    *,
    stream: str,
    head: Head,
    kind: str,
    actor: str,
    at: datetime,
    body: Mapping[str, Any],
    personal: Mapping[str, Any] | None = None,
) -> Head:
    """Adds an event after `head` and returns the new head, which the caller stores on the row it has locked.

    Raises what `chain` and `insert` raise.
    """
    pending = chain(stream=stream, head=head, kind=kind, actor=actor, at=at, body=body, personal=personal)
    insert(pending=[pending])
    return pending.head


@transaction.atomic
def append_to_stream(
    *,
    stream: str,
    kind: str,
    actor: str,
    at: datetime,
    body: Mapping[str, Any],
    personal: Mapping[str, Any] | None = None,
) -> Head:
    """Adds an event to a chain whose head lives in StreamHead. Call it last: it holds the chain until commit."""
    StreamHead.objects.get_or_create(stream=stream, defaults={"hash": NO_HASH})
    row = StreamHead.objects.select_for_update().get(stream=stream)
    head = Head(row.seq, bytes(row.hash))
    new = append(stream=stream, head=head, kind=kind, actor=actor, at=at, body=body, personal=personal)
    row.seq, row.hash = new.seq, new.hash
    row.save(update_fields=["seq", "hash"])
    return new


@transaction.atomic
def erase_personal(*, event_id: int, path: str, by: str, now: datetime) -> None:
    """Destroys a personal value and its salt; the chain stays valid (Ley 21.719 art. 7). Raises UnknownValue.

    The erasure itself is an event of the stream "erasures"; erasing twice does nothing the second time.
    """
    rows = PersonalValue.objects.filter(event_id=event_id, path=path)
    if not rows.exists():
        raise UnknownValue
    if rows.filter(value__isnull=False).update(value=None, salt=None):
        body = {"event": event_id, "path": path}
        append_to_stream(stream=ERASURES, kind="personal.erased", actor=by, at=now, body=body)
