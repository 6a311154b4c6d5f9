"""Keys, codes and tokens of the demonstration identity provider."""

import base64
import hashlib
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.core import signing
from joserfc import jwt
from joserfc.jwk import RSAKey

CODE_LIFETIME = 5 * 60
"""Seconds that a code is good for, as in ClaveÚnica."""
TOKEN_LIFETIME = 60 * 60
_ACCESS = "demo-identity.access"


@dataclass(frozen=True)
class DemoIdentity:
    """Who is signed in at the provider."""

    number: int
    digit: str
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]
    auth_time: int
    """Seconds since 1970."""

    @property
    def sub(self) -> str:
        """An identifier of the provider's own that is not the RUN."""
        digest = hashlib.sha256(f"demo-identity:{self.number}".encode()).digest()
        return str(int.from_bytes(digest[:4], "big"))

    def user_info(self) -> dict[str, Any]:
        """The claims exactly as ClaveÚnica gives them (norms 5.2)."""
        return {
            "sub": self.sub,
            "RolUnico": {"DV": self.digit, "numero": self.number, "tipo": "RUN"},
            "name": {"apellidos": list(self.family_names), "nombres": list(self.given_names)},
        }


@dataclass(frozen=True)
class Grant:
    """What a code stands for."""

    identity: DemoIdentity
    client_id: str
    redirect_uri: str
    nonce: str
    code_challenge: str
    expires_at: float


class Codes:
    """The codes given out and not yet redeemed. Each serves once."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}
        self._lock = Lock()

    def give(self, grant: Grant) -> str:
        """A new code of 32 characters; forgets those that nobody came for."""
        code = secrets.token_hex(16)
        with self._lock:
            self._grants = {old: kept for old, kept in self._grants.items() if kept.expires_at > time.time()}
            self._grants[code] = grant
        return code

    def take(self, code: str) -> Grant | None:
        """What the code stands for, the first time it is asked and while it lives."""
        with self._lock:
            grant = self._grants.pop(code, None)
        return grant if grant and grant.expires_at > time.time() else None


def signing_key() -> RSAKey:
    """The provider's RSA key, made at its first start and kept with the other keys."""
    file: Path = settings.KEYS_DIR / "demo-identity.jwk"
    if not file.exists():
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
            json.dump(key.as_dict(private=True), target)
    return RSAKey.import_key(json.loads(file.read_text()))


def id_token(grant: Grant, key: RSAKey) -> str:
    """The signed statement that this person authenticated for this client."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": settings.OIDC_ISSUER,
        "sub": grant.identity.sub,
        "aud": grant.client_id,
        "iat": now,
        "exp": now + TOKEN_LIFETIME,
        "auth_time": grant.identity.auth_time,
    }
    if grant.nonce:
        claims["nonce"] = grant.nonce
    return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "JWT"}, claims, key)


def access_token(identity: DemoIdentity) -> str:
    """A token that opens userinfo for an hour."""
    return signing.dumps(identity.user_info(), salt=_ACCESS)


def user_info_of(token: str) -> dict[str, Any] | None:
    """The claims behind an access token; None when it is forged or old."""
    try:
        claims: dict[str, Any] = signing.loads(token, salt=_ACCESS, max_age=TOKEN_LIFETIME)
    except signing.BadSignature:
        return None
    return claims


def proves(verifier: str, challenge: str) -> bool:
    """Whether the PKCE verifier matches its S256 challenge; a request without challenge needs none."""
    if not challenge:
        return True
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return secrets.compare_digest(digest, challenge)
