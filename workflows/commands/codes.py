"""Sends the code by which a person proves an address of e-mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jobs.api import Job
from notifications.api import compose_code, hand_over, sender_address
from workflows import proofs
from workflows.models import EmailCheck


@dataclass(frozen=True)
class Prepared:
    """One attempt. Not shown in a traceback."""

    recipient: str = field(repr=False)
    message: bytes = field(repr=False)


class CodeHandler:
    """Attends the codes. One that was used, or is worth nothing any more, is not sent."""

    kind = proofs.EMAIL_CODE
    queue = "mail"
    timeout = timedelta(seconds=150)
    max_attempts = 6
    """With the back-off of jobs, less than the life of a code."""

    def prepare(self, job: Job) -> Prepared | None:
        """The message, the same at every attempt; None when nobody waits for it."""
        check = EmailCheck.objects.filter(pk=job.payload["check"], sealed__isnull=False).first()
        if check is None:
            return None
        sent = proofs.sent_in(check)
        minutes = int(proofs.LIFE.total_seconds() // 60)
        message = compose_code(
            key=f"{check.pk}.{check.address_index[:12]}",
            sender_name=sent["agency"],
            address=sent["address"],
            code=sent["code"],
            minutes=minutes,
            language=sent.get("language", "es"),
            at=check.sent_at,
        )
        return Prepared(sent["address"], message.as_bytes())

    def call(self, prepared: Prepared | None, key: str) -> dict[str, Any]:
        """Hand it over to the mail server."""
        if prepared is not None:
            hand_over(prepared.message, sender=sender_address(), recipient=prepared.recipient)
        return {}

    def finish(self, job: Job, result: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Nothing to note: the person says whether it came."""
        return result

    def gave_up(self, job: Job, now: datetime) -> None:
        """Nothing here: the person asks for another one."""
