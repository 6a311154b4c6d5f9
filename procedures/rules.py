"""Pure decisions of this room: who is invited to a pilot."""

import hashlib

SHARES = (5, 10, 25, 50)
"""Parts of the people, in per cent, that a pilot may invite."""


def is_invited(*, pilot: int, share: int, person: int) -> bool:
    """Whether a person falls within the share (per cent) of a pilot: always the same answer for the same two.

    Whoever is invited stays invited when the share grows.
    """
    digest = hashlib.sha256(f"pilot:{pilot}:{person}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100 < share
