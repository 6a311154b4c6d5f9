"""A pooler in transaction mode before a PostgreSQL, as PgBouncer is: each transaction goes to the next session."""

import contextlib
import os
import queue
import selectors
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

SESSIONS = 4
TOLD = ("server_version", "server_encoding", "client_encoding", "DateStyle", "TimeZone", "integer_datetimes",
        "standard_conforming_strings")  # fmt: skip
"""What a server tells of itself when somebody connects, and libpq asks for."""
IDLE = b"I"


@contextlib.contextmanager
def transaction_pooler(url: str) -> Iterator[str]:
    """The URL of a database through a pooler with SESSIONS sessions of its own; nothing of a session is reset."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sp-pool-", dir="/tmp")))
        sessions: queue.Queue[psycopg.Connection] = queue.Queue()
        for _ in range(SESSIONS):
            sessions.put(stack.enter_context(contextlib.closing(psycopg.connect(url, autocommit=True))))
        door = stack.enter_context(socket.socket(socket.AF_UNIX))
        door.bind(str(folder / ".s.PGSQL.5432"))
        door.listen()
        threading.Thread(target=_attend, args=(door, sessions), daemon=True).start()
        there = urlsplit(url)
        user = there.netloc.rpartition("@")[0].partition(":")[0] or "postgres"
        yield urlunsplit(there._replace(netloc=f"{user}@{quote(str(folder), safe='')}"))
        door.shutdown(socket.SHUT_RDWR)


def _attend(door: socket.socket, sessions: "queue.Queue[psycopg.Connection]") -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _address = door.accept()
            threading.Thread(target=_serve, args=(client, sessions), daemon=True).start()


def _serve(client: socket.socket, sessions: "queue.Queue[psycopg.Connection]") -> None:
    with client, contextlib.suppress(OSError, EOFError):
        _welcome(client, sessions)
        while True:
            message = _message(client)
            if message[:1] == b"X":
                return
            session = sessions.get()
            try:
                _transaction(client, session, message)
            except (OSError, EOFError):
                session.close()  # what it began is rolled back
                raise
            sessions.put(session)


def _transaction(client: socket.socket, session: psycopg.Connection, first: bytes) -> None:
    """Carry messages both ways until the session is idle again. Raises EOFError when the client goes away before."""
    server = socket.socket(fileno=os.dup(session.fileno()))
    server.setblocking(True)
    awaited = 0
    with server, selectors.DefaultSelector() as ready:
        ready.register(client, selectors.EVENT_READ)
        ready.register(server, selectors.EVENT_READ)
        message = first
        while True:
            server.sendall(message)
            awaited += message[:1] in (b"Q", b"S")
            while server in (waiting := [key.fileobj for key, _events in ready.select()]):
                said = _message(server)
                client.sendall(said)
                if said[:1] == b"Z":
                    awaited -= 1
                    if not awaited and said[5:] == IDLE:
                        return
            assert waiting == [client]
            message = _message(client)
            if message[:1] == b"X":
                raise EOFError


def _welcome(client: socket.socket, sessions: "queue.Queue[psycopg.Connection]") -> None:
    while True:
        (length,) = struct.unpack("!I", _exactly(client, 4))
        (code,) = struct.unpack("!I", _exactly(client, length - 4)[:4])
        if code >> 16 == 3:
            break
        client.sendall(b"N")  # neither TLS nor GSSAPI
    session = sessions.get()
    told = {name: session.info.parameter_status(name) or "" for name in TOLD}
    sessions.put(session)
    client.sendall(_packed(b"R", struct.pack("!I", 0)))
    for name, value in told.items():
        client.sendall(_packed(b"S", f"{name}\0{value}\0".encode()))
    client.sendall(_packed(b"K", struct.pack("!II", 0, 0)) + _packed(b"Z", IDLE))


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _message(there: socket.socket) -> bytes:
    head = _exactly(there, 5)
    return head + _exactly(there, struct.unpack("!I", head[1:])[0] - 4)


def _exactly(there: socket.socket, length: int) -> bytes:
    got = b""
    while len(got) < length:
        if not (more := there.recv(length - len(got))):
            raise EOFError
        got += more
    return got
