"""A token from a provider that publishes no keys, received over TLS."""

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from accounts.errors import SignInRefused
from accounts.oidc.tokens import Expected, read_unsigned

EXPECTED = Expected(issuer="https://accounts.example", client_id="us", nonce="n0nce", now=1_800_000_000)
GOOD = {"iss": EXPECTED.issuer, "aud": "us", "sub": "1", "iat": 1_800_000_000, "exp": 1_800_003_600}
KEY = RSAKey.generate_key(2048)


def token(**claims: object) -> str:
    return jwt.encode({"alg": "RS256"}, {**GOOD, **claims}, KEY)


def test_its_claims_are_read_with_or_without_a_nonce() -> None:
    assert read_unsigned(token(), EXPECTED)["sub"] == "1"
    assert read_unsigned(token(nonce="n0nce"), EXPECTED)["sub"] == "1"


@pytest.mark.parametrize(
    "claims", [{"nonce": "other"}, {"iss": "https://evil.example"}, {"aud": "them"}, {"exp": 1}, {"iat": 1_900_000_000}]
)
def test_its_claims_are_checked_all_the_same(claims: dict[str, object]) -> None:
    with pytest.raises(SignInRefused):
        read_unsigned(token(**claims), EXPECTED)


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "....", "ñ.ñ.ñ"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(SignInRefused):
        read_unsigned(text, EXPECTED)
