"""Reads of the log: verification of one chain or of all."""

from collections.abc import Callable, Iterable, Iterator

from audit.models import Event, StreamHead
from audit.rules import ChainVerdict, Head, StoredEvent, StoredValue, judge_chain

HeadOf = Callable[[str], Head | None]
Streams = Callable[[], Iterable[str]]

_keepers: dict[str, tuple[HeadOf, Streams]] = {}


def register_heads(prefix: str, *, head_of: HeadOf, streams: Streams) -> None:
    """Tells where the heads of the chains "<prefix>:…" live: rooms above keep some on rows of their own."""
    _keepers[prefix] = (head_of, streams)


def verify_stream(stream: str, head: Head | None = None) -> ChainVerdict:
    """Whether the chain is whole up to `head` (by default the head kept by its room or in StreamHead)."""
    return judge_chain(stream, _events(stream), head or _head_of(stream))


def verify_all() -> Iterator[ChainVerdict]:
    """The verdict of every chain that has an event or a head, by name."""
    known = set(Event.objects.values_list("stream", flat=True).distinct())
    known |= set(StreamHead.objects.values_list("stream", flat=True))
    for _, streams in _keepers.values():
        known |= set(streams())
    return (verify_stream(stream) for stream in sorted(known))


def _head_of(stream: str) -> Head | None:
    keeper = _keepers.get(stream.partition(":")[0])
    if keeper:
        return keeper[0](stream)
    row = StreamHead.objects.filter(stream=stream).first()
    return Head(row.seq, bytes(row.hash)) if row else None


def _events(stream: str) -> Iterator[StoredEvent]:
    rows = Event.objects.filter(stream=stream).order_by("seq").prefetch_related("personal_values")
    return (_stored(row) for row in rows.iterator(chunk_size=500))


def _stored(row: Event) -> StoredEvent:
    """The row as plain values: PostgreSQL gives memoryviews for bytes."""
    values = [
        StoredValue(value.path, bytes(value.salt) if value.salt is not None else None, value.value)
        for value in row.personal_values.all()
    ]
    return StoredEvent(
        row.stream, row.seq, row.kind, row.actor, row.at, bytes(row.prev), bytes(row.hash), bytes(row.body), values
    )
