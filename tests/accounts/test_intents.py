"""Signing intents: one use, fifteen minutes, and a sign-in after the text was shown."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.api import (
    IntentAlreadyUsed,
    IntentExpired,
    NotFreshlySignedIn,
    consume_intent,
    create_intent,
    get_or_create_person,
)
from accounts.intents import attach_sign_in
from accounts.models import SigningIntent, SignInRecord, User

NOON = datetime(2026, 11, 23, 15, 0, 0, 700_000, tzinfo=UTC)
LATER = NOON + timedelta(minutes=2)
pytestmark = pytest.mark.django_db


@pytest.fixture
def intent() -> SigningIntent:
    """What Ana is about to sign."""
    user = User.objects.create_for(get_or_create_person("41.111.111-3", "Ana"))
    return create_intent(user=user, purpose="test", subject="7K3M", shown_sha256="0" * 64, facts={}, now=NOON)


def sign_in(intent: SigningIntent, auth_time: datetime) -> SigningIntent:
    record = SignInRecord.objects.create(
        user=intent.user, at=LATER, issuer="x", auth_time=auth_time, id_token_sha256="0" * 64, id_token_sealed=b"x",
        purpose="signature",
    )  # fmt: skip
    return attach_sign_in(intent=intent, record=record)


def test_an_intent_signs_once(intent: SigningIntent) -> None:
    sign_in(intent, LATER)
    assert consume_intent(intent=intent, now=LATER).used_at == LATER
    with pytest.raises(IntentAlreadyUsed):
        consume_intent(intent=intent, now=LATER)


def test_an_intent_expires_after_fifteen_minutes(intent: SigningIntent) -> None:
    sign_in(intent, LATER)
    with pytest.raises(IntentExpired):
        consume_intent(intent=intent, now=NOON + timedelta(minutes=15))
    assert consume_intent(intent=intent, now=NOON + timedelta(minutes=14, seconds=59)).used_at is not None


def test_an_intent_without_a_sign_in_signs_nothing(intent: SigningIntent) -> None:
    with pytest.raises(NotFreshlySignedIn):
        consume_intent(intent=intent, now=LATER)


def test_a_sign_in_before_the_text_was_shown_does_not_count(intent: SigningIntent) -> None:
    sign_in(intent, NOON - timedelta(seconds=1))
    with pytest.raises(NotFreshlySignedIn):
        consume_intent(intent=intent, now=LATER)


def test_a_sign_in_in_the_same_second_counts_because_providers_count_seconds(intent: SigningIntent) -> None:
    sign_in(intent, NOON.replace(microsecond=0))
    assert consume_intent(intent=intent, now=LATER).used_at == LATER


def test_intents_cannot_be_guessed(intent: SigningIntent) -> None:
    other = create_intent(user=intent.user, purpose="test", subject="7K3M", shown_sha256="0" * 64, facts={}, now=NOON)
    assert other.nonce != intent.nonce
    assert len(intent.nonce) >= 43
