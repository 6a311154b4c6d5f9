"""Signing intents: what a person is about to sign, and the fresh sign-in that must come first."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.errors import IntentAlreadyUsed, IntentExpired, NotFreshlySignedIn
from accounts.models import SigningIntent, SignInRecord, User

LIFETIME = timedelta(minutes=15)

Continuation = Callable[[HttpRequest, SigningIntent], HttpResponse]
_continuations: dict[str, Continuation] = {}


def register_continuation(purpose: str, function: Continuation) -> None:
    """Names what happens after the fresh sign-in for intents of this purpose."""
    _continuations[purpose] = function


def continuation_of(purpose: str) -> Continuation:
    """The function registered for this purpose; KeyError when no room registered one."""
    return _continuations[purpose]


def create_intent(
    *, user: User, purpose: str, subject: str, shown_sha256: str, facts: dict[str, Any], now: datetime
) -> SigningIntent:
    """An intent to sign what was shown (its SHA-256), good for one use within 15 minutes."""
    return SigningIntent.objects.create(
        nonce=secrets.token_urlsafe(32),
        user=user,
        purpose=purpose,
        subject=subject,
        shown_sha256=shown_sha256,
        facts=facts,
        created_at=now,
        expires_at=now + LIFETIME,
    )


def create_joint_intent(
    *, user: User, purpose: str, of: str, shown: Mapping[str, str], facts: dict[str, Any], now: datetime
) -> SigningIntent:
    """One intent over several texts shown together, `{subject: SHA-256}`, and beside it one of purpose `of` for each.

    The person signs in afresh once, for the joint one; each text keeps evidence of its own.
    """
    told = {**facts, "together": len(shown)}
    each = [
        create_intent(user=user, purpose=of, subject=subject, shown_sha256=digest, facts=told, now=now)
        for subject, digest in shown.items()
    ]
    whole = sha256("\n".join(f"{subject} {digest}" for subject, digest in shown.items()).encode()).hexdigest()
    facts = {**told, "intents": [intent.pk for intent in each]}
    return create_intent(user=user, purpose=purpose, subject="joint", shown_sha256=whole, facts=facts, now=now)


def check_open(intent: SigningIntent, now: datetime) -> None:
    """Raises IntentAlreadyUsed or IntentExpired."""
    if intent.used_at is not None:
        raise IntentAlreadyUsed
    if now >= intent.expires_at:
        raise IntentExpired


def attach_sign_in(*, intent: SigningIntent, record: SignInRecord) -> SigningIntent:
    """Notes the fresh sign-in on the intent."""
    intent.sign_in = record
    intent.save(update_fields=["sign_in"])
    return intent


@transaction.atomic
def consume_intent(*, intent: SigningIntent, now: datetime) -> SigningIntent:
    """Spends the intent in the transaction of the signed act.

    Raises IntentAlreadyUsed, IntentExpired, and NotFreshlySignedIn when its person has not signed in for it.
    """
    locked = SigningIntent.objects.select_for_update(of=("self",)).select_related("sign_in").get(pk=intent.pk)
    check_open(locked, now)
    if locked.sign_in is None or not is_fresh(locked, locked.sign_in.auth_time):
        raise NotFreshlySignedIn
    locked.used_at = now
    locked.save(update_fields=["used_at"])
    return locked


@transaction.atomic
def consume_joint_intent(*, intent: SigningIntent, now: datetime) -> list[SigningIntent]:
    """Spends a joint intent and hands its fresh sign-in to those beside it, in their order, each still to be spent.

    Raises what `consume_intent` raises.
    """
    spent = consume_intent(intent=intent, now=now)
    each = SigningIntent.objects.filter(pk__in=spent.facts["intents"], user=spent.user_id)
    each.update(sign_in=spent.sign_in)
    return list(each.order_by("pk"))


def is_fresh(intent: SigningIntent, auth_time: datetime) -> bool:
    """Whether the person authenticated after the text was shown; providers count in whole seconds."""
    return auth_time >= intent.created_at.replace(microsecond=0)
