"""Sends the e-mail of a notice. At least once outside, recorded exactly once inside."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.api import open_sealed
from jobs.api import GiveUp, Job, Retry
from notifications import smtp
from notifications.mail import compose, sender_address
from notifications.models import Delivery
from notifications.operations import EMAIL_JOB, address_context

State = Delivery.State


@dataclass(frozen=True)
class Prepared:
    """One attempt: the bytes to send and where to. Not shown in a traceback."""

    delivery_id: int
    recipient: str = field(repr=False)
    message: bytes = field(repr=False)
    was_unknown: bool


class EmailHandler:
    """Attends "notifications.email".

    While an attempt is under way its delivery is "unknown"; only a server's clear no takes that back. So a worker
    that dies at any line leaves the truth behind, and a delivery that was ever in doubt is never called failed.
    """

    kind = EMAIL_JOB
    queue = "mail"
    timeout = timedelta(seconds=150)
    """Above the dozen exchanges of one message, each limited by EMAIL_TIMEOUT."""
    max_attempts = 30
    """With the back-off of jobs, about a day."""

    def prepare(self, job: Job) -> Prepared:
        """Build the message from the frozen rows and mark the delivery as in doubt."""
        delivery = Delivery.objects.select_related("notice").get(pk=job.payload["delivery"])
        if delivery.address_sealed is None:
            raise GiveUp("no address")
        address = open_sealed(bytes(delivery.address_sealed), address_context(delivery)).decode()
        message = compose(delivery, address).as_bytes()
        was_unknown = delivery.state == State.UNKNOWN
        Delivery.objects.filter(pk=delivery.pk).update(state=State.UNKNOWN, failure="")
        return Prepared(delivery.pk, address, message, was_unknown)

    def call(self, prepared: Prepared, key: str) -> dict[str, Any]:
        """Hand the message over. The constant Message-ID inside it is what identifies a repeat."""
        try:
            smtp.hand_over(prepared.message, sender=sender_address(), recipient=prepared.recipient)
        except (Retry, GiveUp) as refusal:
            state = State.UNKNOWN if prepared.was_unknown else State.QUEUED
            _not_sent(prepared.delivery_id).update(state=state, failure=refusal.reason)
            raise
        return {"delivery": prepared.delivery_id}

    def finish(self, job: Job, result: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Record that the server accepted it."""
        Delivery.objects.filter(pk=result["delivery"]).update(state=State.SENT, sent_at=now, failure="")
        return result

    def gave_up(self, job: Job, now: datetime) -> None:
        """Record that it will not be sent; one in doubt stays in doubt."""
        _not_sent(job.payload["delivery"]).filter(state=State.QUEUED).update(state=State.FAILED)


def _not_sent(delivery_id: int) -> Any:
    """The delivery, unless another attempt has already seen it accepted."""
    return Delivery.objects.filter(pk=delivery_id).exclude(state=State.SENT)
