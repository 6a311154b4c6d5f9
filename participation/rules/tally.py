"""The arithmetic of the tally: tags, the Merkle tree of a batch, receipts. `recount.py` repeats it for outsiders."""

import hashlib
import hmac
from collections.abc import Sequence

TAG_DOMAIN = b"sin-papeleo/apoyo/v1\x00"
LEAF_DOMAIN = b"\x00"
NODE_DOMAIN = b"\x01"
"""As in RFC 6962: a leaf never passes for a node."""
NO_ROOT = "0" * 64
"""What stands for the batch before the first."""
MINIMUM_BATCH = 10
"""Lines of one subject that are published together; fewer wait, so that a tag does not tell when."""


def tag(key: bytes, period: int, subject: str, voter: str) -> str:
    """The public name of a person's support: the same in one period and subject, unlinkable elsewhere.

    Keyed: there are so few RUN that a plain hash would be undone by listing them all.
    """
    message = b"\x00".join((TAG_DOMAIN, str(period).encode(), subject.encode(), voter.encode()))
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def line(subject: str, what: str, tag: str) -> str:
    """A published line: what happened in which subject under which tag."""
    return f"{subject} {what} {tag}"


OTHERS = "otras"
"""Under which name groups of few are told together."""


def group(what: str, name: str, number: int) -> str:
    """A published line: how many of a batch's new supports came by a door ("puerta") or whoever verified them."""
    return f"{what} {name} {number}"


def root(lines: Sequence[str]) -> str:
    """The Merkle root of a batch's lines in their published order."""
    level = [_leaf(text) for text in lines]
    while len(level) > 1:
        level = [_pair(level, place) for place in range(0, len(level), 2)]
    return level[0].hex() if level else NO_ROOT


def proof(lines: Sequence[str], index: int) -> list[tuple[str, str]]:
    """The neighbours with which anyone climbs from line `index` to the root: ("left" or "right", hash)."""
    level, path = [_leaf(text) for text in lines], []
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            path.append(("left" if neighbour < index else "right", level[neighbour].hex()))
        level = [_pair(level, place) for place in range(0, len(level), 2)]
        index //= 2
    return path


def proves(text: str, path: Sequence[tuple[str, str]], expected: str) -> bool:
    """Whether the line climbs to the expected root by this path."""
    digest = _leaf(text)
    for side, neighbour in path:
        other = bytes.fromhex(neighbour)
        digest = _node(other, digest) if side == "left" else _node(digest, other)
    return digest.hex() == expected


def _leaf(text: str) -> bytes:
    return hashlib.sha256(LEAF_DOMAIN + text.encode()).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE_DOMAIN + left + right).digest()


def _pair(level: Sequence[bytes], place: int) -> bytes:
    """The parent of two neighbours; one without a neighbour rises as it is."""
    return _node(level[place], level[place + 1]) if place + 1 < len(level) else level[place]
