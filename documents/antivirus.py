"""Asks clamd whether a file carries a virus, by its INSTREAM command (clamd(8))."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from jobs.api import GiveUp, Retry

SECONDS = 120
"""For a whole file of 200 MB."""
PIECE = 1 << 18


def virus_in(data: bytes, address: str) -> str:
    """The name of the virus, or "" when clamd finds none.

    `address`: `tcp://host:port` or `unix:/path`. Raises Retry when clamd does not answer, GiveUp when it cannot look at
    the file (larger than its StreamMaxLength).
    """
    try:
        with _connected(address) as line:
            with suppress(BrokenPipeError, ConnectionResetError):  # it answers and hangs up once a file is too large
                line.sendall(b"zINSTREAM\0")
                for piece in _pieces(data):
                    line.sendall(piece)
            answer = line.makefile("rb").read(4096).rstrip(b"\0").decode(errors="replace").strip()
    except OSError as error:
        raise Retry("clamd does not answer") from error
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    if "size limit exceeded" in answer:
        raise GiveUp("larger than StreamMaxLength of clamd")
    raise Retry("clamd could not look at the file")


def _connected(address: str) -> socket.socket:
    where = urlsplit(address)
    if where.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(SECONDS)
        try:
            line.connect(where.path)
        except OSError:
            line.close()
            raise
        return line
    return socket.create_connection((where.hostname or "", where.port or 3310), timeout=SECONDS)


def _pieces(data: bytes) -> Iterator[bytes]:
    """Each piece with its length before it; an empty one ends the file."""
    for start in range(0, len(data), PIECE):
        piece = data[start : start + PIECE]
        yield struct.pack("!L", len(piece)) + piece
    yield struct.pack("!L", 0)
