"""An official signs several acts at once: one fresh sign-in, and a signature, evidence and outcome for each act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.api import consume_intent, consume_joint_intent
from accounts.models import SigningIntent
from workflows.commands import acts, desk
from workflows.errors import CommandRefused
from workflows.models import CaseTask
from workflows.rules import WAITING

SUBJECT = "task:"


@dataclass(frozen=True)
class Attempt:
    """What became of one act: its signature was asked for, or why not."""

    number: str
    refusal: str = ""


def sign_several(*, intent: SigningIntent, now: datetime) -> list[Attempt]:
    """Take and sign each act of a joint intent, in its order. One that cannot be signed stops none of the others.

    Each act is one transaction with its own lock. Raises what `accounts.api.consume_joint_intent` raises.
    """
    return [_attempt(one, now) for one in consume_joint_intent(intent=intent, now=now)]


def _attempt(intent: SigningIntent, now: datetime) -> Attempt:
    tasks = CaseTask.objects.defer("flow_task", "process__flow_class").select_related("process")
    task = tasks.get(pk=int(intent.subject.removeprefix(SUBJECT)))
    try:
        with transaction.atomic():
            spent = consume_intent(intent=intent, now=now)
            if task.status == WAITING:
                desk.claim(task=task, by=intent.user, now=now)
            acts.sign(task=task, by=intent.user, intent=spent, now=now)
    except CommandRefused as refusal:
        return Attempt(task.process.number, str(refusal))
    return Attempt(task.process.number)
