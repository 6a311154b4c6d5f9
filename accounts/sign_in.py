"""From a verified identity to a session, and from a fresh one to a signing intent. Every access is recorded (R39)."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest

from accounts.errors import AccountClosed, NotFreshlySignedIn, OtherIdentity, SignInRefused
from accounts.intents import attach_sign_in, check_open, is_fresh
from accounts.models import Person, SigningIntent, SignInRecord, User
from accounts.oidc.client import Ticket
from accounts.oidc.identity import VerifiedIdentity
from accounts.operations import keep_person, update_names
from accounts.queries import run_index
from accounts.vault import seal

PENDING = "sign_ins_under_way"
MOST_PENDING = 5
"""Tabs that may be signing in at once; the oldest gives way."""
PATIENCE = timedelta(minutes=15)
"""How long somebody may take at the provider's page."""


@dataclass(frozen=True)
class Journey:
    """One trip to the provider: its ticket, where to go afterwards, and the intent to sign, if any."""

    ticket: Ticket
    next_path: str
    intent_nonce: str
    expires_at: float
    """Seconds since 1970."""


def remember_journey(session: SessionBase, *, ticket: Ticket, next_path: str, intent_nonce: str, now: datetime) -> None:
    """Keeps the journey in the browser's session, under its state."""
    journey = Journey(ticket, next_path, intent_nonce, (now + PATIENCE).timestamp())
    under_way = [*session.get(PENDING, {}).items(), (ticket.state, asdict(journey))]
    session[PENDING] = dict(under_way[-MOST_PENDING:])


def take_journey(session: SessionBase, state: str, now: datetime) -> Journey:
    """Takes the journey of this state out of the session: a state serves once. Raises SignInRefused (R36)."""
    under_way: dict[str, Any] = session.get(PENDING, {})
    kept = under_way.pop(state, None)
    if kept is None:
        raise SignInRefused("state")
    session[PENDING] = under_way
    journey = Journey(**{**kept, "ticket": Ticket(**kept["ticket"])})
    if now.timestamp() >= journey.expires_at:
        raise SignInRefused("too_late")
    return journey


@transaction.atomic
def start_session(request: HttpRequest, *, identity: VerifiedIdentity, now: datetime) -> SignInRecord:
    """Signs the person in and records the access. Raises AccountClosed.

    The session gets a new key; when somebody else was signed in, nothing of theirs stays in it.
    """
    person = _keep(identity)
    user = authenticate(request, verified_person=person)
    if not isinstance(user, User):
        raise AccountClosed
    login(request, user)
    request.session.set_expiry(now + timedelta(seconds=settings.SESSION_COOKIE_AGE))  # however much it is used
    return _record(user, identity, purpose="session", now=now)


@transaction.atomic
def confirm_identity(
    request: HttpRequest,
    *,
    intent: SigningIntent,
    identity: VerifiedIdentity,
    now: datetime,
) -> SigningIntent:
    """Notes on the intent that its person has just authenticated again.

    Raises OtherIdentity, NotFreshlySignedIn, IntentExpired and IntentAlreadyUsed.
    """
    check_open(intent, now)
    if request.user != intent.user or intent.user.person.run_index != run_index(identity.number):
        raise OtherIdentity
    if identity.auth_time is None or not is_fresh(intent, identity.auth_time):
        raise NotFreshlySignedIn
    request.session.cycle_key()
    record = _record(intent.user, identity, purpose="signature", now=now)
    return attach_sign_in(intent=intent, record=record)


def _keep(identity: VerifiedIdentity) -> Person:
    person = keep_person(
        number=identity.number,
        digit=identity.digit,
        given_names=identity.given_names,
        family_names=identity.family_names,
    )
    return update_names(person=person, given_names=identity.given_names, family_names=identity.family_names)


def _record(user: User, identity: VerifiedIdentity, *, purpose: str, now: datetime) -> SignInRecord:
    """Who came in and when, in UTC, with the provider's own statement sealed (D9 13)."""
    token = identity.id_token.encode()
    digest = hashlib.sha256(token).hexdigest()
    return SignInRecord.objects.create(
        user=user,
        at=now,
        issuer=identity.issuer,
        auth_time=identity.auth_time or identity.issued_at,
        id_token_sha256=digest,
        id_token_sealed=seal(token, token_context(digest)),
        purpose=purpose,
    )


def token_context(digest: str) -> str:
    """Where a sealed id_token belongs: to the record with its digest."""
    return f"accounts_signinrecord.id_token_sealed:{digest}"
