"""What makes an id_token good: signature, issuer, audience, time, nonce (OpenID Connect Core 3.1.3.7)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError, MissingKeyError
from joserfc.jwk import KeySet

from accounts.errors import SignInRefused

ALGORITHMS = ["RS256", "ES256"]
"""Signatures with a public key only: never "none", never a shared secret."""
LEEWAY = 60
"""Seconds by which the provider's clock may differ from ours."""

Claims = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """What this sign-in's id_token must say."""

    issuer: str
    client_id: str
    nonce: str
    now: int
    """Seconds since 1970."""


def read_signed(token: str, key_set: Callable[[bool], Mapping[str, Any]], expected: Expected) -> Claims:
    """The claims of a token signed by one of the provider's keys. Raises SignInRefused.

    `key_set(anew)` gives the JWKS; it is asked anew once when the token names an unknown key (key rotation).
    """
    try:
        claims = _decode(token, key_set)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SignInRefused(f"token:{type(error).__name__}") from None
    _check(claims, expected)
    if claims.get("nonce") != expected.nonce:
        raise SignInRefused("nonce")
    return claims


def read_unsigned(token: str, expected: Expected) -> Claims:
    """The claims of a token received straight from the provider over TLS, which stands in for its signature.

    OpenID Connect Core 3.1.3.7 (6). Only for a provider that publishes no keys. Raises SignInRefused.
    """
    try:
        claims = json.loads(jws.extract_compact(token.encode()).payload)
    except (JoseError, ValueError) as error:
        raise SignInRefused(f"token:{type(error).__name__}") from None
    _check(claims, expected)
    if claims.get("nonce", expected.nonce) != expected.nonce:
        raise SignInRefused("nonce")
    return dict(claims)


def _decode(token: str, key_set: Callable[[bool], Mapping[str, Any]]) -> Claims:
    try:
        return _decode_with(token, key_set(False))
    except (InvalidKeyIdError, MissingKeyError):
        return _decode_with(token, key_set(True))


def _decode_with(token: str, key_set: Mapping[str, Any]) -> Claims:
    keys = KeySet.import_key_set({"keys": [dict(key) for key in key_set["keys"]]})
    return dict(jwt.decode(token, keys, algorithms=ALGORITHMS).claims)


def _check(claims: Claims, expected: Expected) -> None:
    """Issuer, audience and time. Raises SignInRefused with the name of the claim."""
    rules = jwt.JWTClaimsRegistry(
        now=expected.now,
        leeway=LEEWAY,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )
    try:
        rules.validate(claims)
    except JoseError as error:
        raise SignInRefused(f"claim:{getattr(error, 'claim', type(error).__name__)}") from None
    _check_party(claims, expected)


def _check_party(claims: Claims, expected: Expected) -> None:
    """A token for several audiences must say that it was issued to us."""
    audience = claims["aud"]
    is_shared = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if is_shared else expected.client_id) != expected.client_id:
        raise SignInRefused("claim:azp")
