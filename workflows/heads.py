"""Where the heads of the cases' audit chains stand: on the case row, which each command locks anyway."""

from collections.abc import Iterable

from audit.api import Head, register_heads
from workflows.models import Case

PREFIX = "case"


def head_of(stream: str) -> Head | None:
    """The head that the case row keeps; None when there is no such case."""
    ref = stream.partition(":")[2]
    row = Case.objects.filter(ref=ref).values_list("audit_seq", "audit_head").first()
    return Head(row[0], bytes(row[1])) if row else None


def streams() -> Iterable[str]:
    """The chain of every case."""
    return (f"{PREFIX}:{ref}" for ref in Case.objects.values_list("ref", flat=True).iterator())


def register() -> None:
    """Tell the audit where to look."""
    register_heads(PREFIX, head_of=head_of, streams=streams)
