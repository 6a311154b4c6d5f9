"""An SMTP server whose answers a test chooses one by one."""

from asyncio import WriteTransport
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

ACCEPT = "250 2.0.0 Recibido"
BUSY = "451 4.3.0 Intenta más tarde"
REFUSE = "550 5.1.1 No existe ana@correo.example"
VANISH = "keep the message, then cut the line without an answer"


@dataclass
class Server:
    """What it received, and the answers it still has to give; after those it accepts."""

    to_recipient: list[str] = field(default_factory=list)
    to_data: list[str] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    """The messages that it made its own, whether or not it managed to say so."""
    recipients: list[list[str]] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=policy.default) for content in self.kept]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.to_recipient.pop(0) if self.to_recipient else ACCEPT
        if answer == ACCEPT:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.to_data.pop(0) if self.to_data else ACCEPT
        if answer in {ACCEPT, VANISH}:
            assert isinstance(envelope.original_content, bytes)
            self.kept.append(envelope.original_content)
            self.recipients.append(list(envelope.rcpt_tos))
        if answer == VANISH:
            assert isinstance(server.transport, WriteTransport)
            server.transport.abort()
        return answer
