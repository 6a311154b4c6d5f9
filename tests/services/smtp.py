"""A real SMTP server that keeps what it receives and can misbehave in the ways that matter."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services import processes

Mood = Literal["accept", "busy", "vanish"]
"""accept; busy: 451, try later; vanish: keep the message and cut the line before answering."""


@dataclass
class Mailbox:
    """What the server received, and how it behaves from now on."""

    port: int
    mood: Mood = "accept"
    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd at the end of each message."""
        if self.mood == "busy":
            return "451 4.3.0 Intenta más tarde"
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.mood == "vanish":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 2.0.0 Recibido"


@contextlib.contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server on a free loopback port, ended with the block."""
    mailbox = Mailbox(port=processes.free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
