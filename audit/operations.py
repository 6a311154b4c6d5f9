"""Writes of the log. The only module that inserts events."""

import secrets
from collections.abc import Mapping
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


@transaction.atomic(savepoint=False)
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

    Personal data goes in `personal` (path → JSON value) and never in `body`. Raises NotCanonical, and
    IntegrityError when another event took the place because the row was not locked.
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
    new = Head(head.seq + 1, event_hash(head.hash, content))
    event = Event.objects.create(
        stream=stream, seq=new.seq, kind=kind, actor=actor, at=at, prev=head.hash, hash=new.hash, body=content
    )
    if salted:
        _keep_values(event, salted)
    return new


def _keep_values(event: Event, salted: Mapping[str, tuple[bytes, Any]]) -> None:
    """Stores each value as its canonical text beside its salt, where it can be erased."""
    PersonalValue.objects.bulk_create(
        PersonalValue(event=event, path=path, salt=salt, value=canonical_bytes(value).decode())
        for path, (salt, value) in salted.items()
    )


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
