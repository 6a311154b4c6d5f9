"""What a citizen's simple signature rests on (Ley 19.799 art. 2 f)."""

import json
from datetime import timedelta

import pytest
from django.db import Error

from accounts.models import Person, SignInRecord
from audit.api import canonical_bytes, sha256_hex
from signatures.api import record_evidence
from tests.documents.makers import NOW
from tests.signatures.conftest import intent_of


def test_it_binds_what_was_shown_to_who_wanted_it(carla: Person) -> None:
    intent = intent_of(carla)
    intent.sign_in = SignInRecord.objects.create(
        user=intent.user,
        at=NOW,
        issuer="https://identidad.example/openid",
        auth_time=NOW - timedelta(seconds=20),
        id_token_sha256="ab" * 32,
        id_token_sealed=b"",
        purpose="signature",
    )
    record = record_evidence(
        subject="case:7K3M", intent=intent, presentation_sha256="cd" * 32, facts={"procedure": "ef" * 32}, now=NOW
    )
    body = json.loads(bytes(record.canonical))
    assert record.sha256 == sha256_hex(canonical_bytes(body))
    assert body["signed"]["presentation_sha256"] == "cd" * 32
    assert body["signed"]["shown_sha256"] == intent.shown_sha256
    assert body["identity"]["issuer"] == "https://identidad.example/openid"
    assert body["identity"]["id_token_sha256"] == "ab" * 32
    assert body["intent"]["nonce"] == intent.nonce
    assert body["intent"]["facts"] == {"button": "Firmar y enviar"}


def test_it_holds_no_run_and_no_name(carla: Person) -> None:
    record = record_evidence(subject="case:7K3M", intent=intent_of(carla), facts={}, now=NOW)
    text = bytes(record.canonical).decode()
    assert "33333333" not in text
    assert "33.333.333" not in text
    assert "Carla" not in text


def test_one_intent_is_evidence_only_once(carla: Person) -> None:
    intent = intent_of(carla)
    record_evidence(subject="case:7K3M", intent=intent, facts={}, now=NOW)
    with pytest.raises(Error):
        record_evidence(subject="case:7K3M", intent=intent, facts={}, now=NOW)
