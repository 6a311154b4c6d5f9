"""A real SMTP server with moods, which notes every Message-ID that it accepted."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from jobs.faults import weather


class _Handler:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Accept, refuse, or accept and hang up without saying so."""
        if weather.current.strikes(0.03, "451"):
            return "451 4.3.0 later"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        weather.note("mailbox", str(message_from_bytes(content)["Message-ID"]))
        if weather.current.strikes(0.03, "hung up after DATA"):
            transport: Any = server.transport
            transport.abort()
        return "250 OK"


@contextmanager
def mail_server(port: int) -> Iterator[None]:
    """Listen on `port` of this machine for the length of the block."""
    controller = Controller(_Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
