"""The folder of received messages: one `.eml` each, named so that names sort by arrival."""

import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Mail:
    """One received message. Its header values are text that a stranger wrote."""

    id: str
    message: EmailMessage

    @property
    def sender(self) -> str:
        return _header(self.message, "From")

    @property
    def recipient(self) -> str:
        return _header(self.message, "To")

    @property
    def subject(self) -> str:
        return _header(self.message, "Subject")

    @property
    def received_at(self) -> datetime:
        """Aware, in UTC."""
        return datetime.strptime(self.id[:21] + "+0000", "%Y%m%dT%H%M%S%f%z")

    @property
    def text(self) -> str:
        """The plain text part, or "" where there is none."""
        return _part(self.message, "plain")

    @property
    def html(self) -> str:
        """The source of the HTML part, or "". To be shown as text, never as a page."""
        return _part(self.message, "html")


def keep(content: bytes, received_at: datetime) -> str:
    """Store one message whole or not at all; returns its id. `received_at` in UTC."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mail_id = f"{received_at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    unfinished = folder / f"{mail_id}.part"
    with unfinished.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / f"{mail_id}.eml")
    return mail_id


def mail_ids() -> list[str]:
    """The ids of all messages, newest first."""
    return sorted((path.stem for path in _folder().glob("*.eml") if _ID.fullmatch(path.stem)), reverse=True)


def read(mail_id: str) -> Mail | None:
    """The message with that id, or None. An id names a file of the folder and nothing else."""
    if not _ID.fullmatch(mail_id):
        return None
    try:
        content = (_folder() / f"{mail_id}.eml").read_bytes()
    except FileNotFoundError:
        return None
    return Mail(mail_id, message_from_bytes(content, policy=policy.default))


def read_all(ids: Sequence[str]) -> list[Mail]:
    """The messages with those ids, without those that are gone."""
    return [mail for mail_id in ids if (mail := read(mail_id)) is not None]


def _folder() -> Path:
    return Path(settings.DEMO_MAIL_DIR)


def _header(message: EmailMessage, name: str) -> str:
    return str(message.get(name, ""))


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a charset that nobody knows
        return bytes(part.get_payload(decode=True)).decode("utf-8", "replace")
