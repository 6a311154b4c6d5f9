"""A provider that lies, or somebody in its place: nothing false lets anybody in."""

import base64
import json
import time
from typing import Any

import pytest
from django.http import HttpResponse
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pytest_django import Settings

from accounts.models import User
from accounts.queries import person_by_run, run_of
from tests.accounts.providers import ANA, SITE, LyingProvider, Person, parameters

MARIA_RUN = "12.345.678-5"


def come_in(liar: LyingProvider, person: Person | None = None) -> tuple[HttpResponse, Person]:
    """Departs, lets the provider know the nonce, and arrives with a code."""
    person = person or Person()
    asked = parameters(person.depart())
    liar.nonce = liar.nonce or asked["nonce"]
    response = person.arrive(f"{SITE}/cuenta/entrar/vuelta/?code=c0de&state={asked['state']}")
    return response, person


def refused(liar: LyingProvider, status: int = 400) -> bool:
    """Whether nobody came in and a Spanish page said so."""
    response, person = come_in(liar)
    assert response.status_code == status, response
    assert "<h1>" in response.content.decode()
    return person.name() == "" and not User.objects.exists()


def test_the_manuals_own_sample_comes_in_keyed_by_its_run(liar: LyingProvider) -> None:
    """R37: `sub` is not the key, names are lists, and the wrong check digit of the sample is no obstacle."""
    response, person = come_in(liar)
    assert response.status_code == 302
    assert person.name() == "María Carmen"
    maria = person_by_run(MARIA_RUN)
    assert maria is not None
    assert (run_of(maria), maria.family_names) == ("12345678-9", "Del Río Gonzalez")


def test_another_sub_with_the_same_run_is_the_same_person(liar: LyingProvider) -> None:
    """R37."""
    come_in(liar)
    liar.user, liar.claims, liar.nonce = {**ANA, "sub": "another"}, {"sub": "another"}, ""
    come_in(liar)
    assert User.objects.count() == 1


def test_the_three_calls_are_those_of_the_manual(liar: LyingProvider) -> None:
    """R36; MCU: form-encoded POST with the secret and the state, then POST to userinfo."""
    come_in(liar)
    methods = [(method, path) for method, path, _ in liar.calls]
    assert methods[-3:] == [("POST", "/token"), ("GET", "/jwks"), ("POST", "/userinfo")]
    form = next(form for _, path, form in liar.calls if path == "/token")
    expected = {"client_id", "client_secret", "redirect_uri", "grant_type", "code", "state", "code_verifier"}
    assert set(form) == expected


def test_userinfo_may_be_asked_by_get(liar: LyingProvider, settings: Settings) -> None:
    settings.OIDC_USERINFO_METHOD = "GET"
    come_in(liar)
    assert ("GET", "/userinfo", {}) in liar.calls


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": None},
        {"aud": ["sin-papeleo-demo", "another-client"]},
        {"aud": ["sin-papeleo-demo", "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"exp": NOW - 3600},
        {"exp": None},
        {"exp": "mañana"},
        {"iat": NOW + 3600},
        {"iat": None},
        {"sub": None},
        {"sub": "somebody-else"},
    ],
)
def test_one_wrong_claim_is_enough(liar: LyingProvider, claims: dict[str, Any]) -> None:
    liar.claims = claims
    assert refused(liar)


def test_several_audiences_are_good_when_the_token_was_issued_to_us(liar: LyingProvider) -> None:
    liar.claims = {"aud": ["sin-papeleo-demo", "another-client"], "azp": "sin-papeleo-demo"}
    assert come_in(liar)[0].status_code == 302


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any], key: RSAKey) -> str:
    return f"{encoded({'alg': 'none'})}.{encoded(claims)}."


def signed_by_another_key(claims: dict[str, Any], key: RSAKey) -> str:
    other = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, other)


def signed_by_an_unknown_key(claims: dict[str, Any], key: RSAKey) -> str:
    other = RSAKey.generate_key(2048, auto_kid=True)
    return jwt.encode({"alg": "RS256", "kid": other.kid}, claims, other)


def signed_with_the_public_key_as_secret(claims: dict[str, Any], key: RSAKey) -> str:
    """The classic confusion of algorithms."""
    secret = OctKey.import_key(base64.b64encode(key.as_pem(private=False)).decode())
    return jwt.encode({"alg": "HS256", "kid": key.kid}, claims, secret)


def altered_after_signing(claims: dict[str, Any], key: RSAKey) -> str:
    head, _, signature = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key).split(".")
    return f"{head}.{encoded({**claims, 'auth_time': 1})}.{signature}"


def with_a_key_of_its_own(claims: dict[str, Any], key: RSAKey) -> str:
    """The token brings the key that is supposed to prove it."""
    other = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "jwk": other.as_dict(private=False)}, claims, other)


def no_token_at_all(claims: dict[str, Any], key: RSAKey) -> str:
    return "no.soy.untoken"


@pytest.mark.parametrize(
    "sign",
    [
        unsigned,
        signed_by_another_key,
        signed_by_an_unknown_key,
        signed_with_the_public_key_as_secret,
        altered_after_signing,
        with_a_key_of_its_own,
        no_token_at_all,
    ],
)
def test_a_signature_that_is_not_the_providers_lets_nobody_in(liar: LyingProvider, sign: Any) -> None:
    liar.sign = sign
    assert refused(liar)


def test_when_the_provider_changes_its_keys_they_are_fetched_again(liar: LyingProvider) -> None:
    come_in(liar)
    liar.key, liar.nonce = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True), ""
    response, person = come_in(liar)
    assert response.status_code == 302
    assert person.name() == "María Carmen"
    assert [path for _, path, _ in liar.calls].count("/jwks") == 2


def test_a_code_that_the_provider_refuses_lets_nobody_in(liar: LyingProvider) -> None:
    liar.status = 400
    assert refused(liar)


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_of_the_provider_is_called_by_its_name(liar: LyingProvider, status: int) -> None:
    liar.status = status
    assert refused(liar, status=503)


@pytest.mark.parametrize(
    "user",
    [
        {"sub": ANA["sub"]},
        {**ANA, "RolUnico": None},
        {**ANA, "RolUnico": {"DV": "9"}},
        {**ANA, "RolUnico": {"DV": "9", "numero": "abc", "tipo": "RUN"}},
        {**ANA, "RolUnico": {"DV": "9", "numero": -1, "tipo": "RUN"}},
        {**ANA, "RolUnico": {"DV": "99", "numero": 12345678, "tipo": "RUN"}},
        {**ANA, "RolUnico": {"DV": "9", "numero": 12345678, "tipo": "PASAPORTE"}},
        {**ANA, "name": "María Carmen"},
        {**ANA, "name": {"nombres": []}},
    ],
)
def test_without_run_or_name_nobody_comes_in_and_the_reason_is_told(liar: LyingProvider, user: Any) -> None:
    """R37, R38: the provider's session would be closed first; this one has no page for it."""
    liar.user = user
    response, person = come_in(liar)
    page = person.arrive(response["Location"])
    assert page.status_code == 403
    assert "no entregó tu RUN y tu nombre" in page.content.decode()
    assert person.name() == ""
    assert not User.objects.exists()


def test_claims_of_another_subject_are_not_taken_for_this_one(liar: LyingProvider) -> None:
    liar.user = {**ANA, "sub": "somebody-else"}
    assert refused(liar)


def test_a_userinfo_that_is_no_object_is_a_failure_of_the_provider(liar: LyingProvider) -> None:
    liar.user = ["not", "claims"]
    assert refused(liar, status=503)


def test_a_document_of_another_issuer_is_not_used(liar: LyingProvider, settings: Settings) -> None:
    settings.OIDC_ISSUER = f"{liar.issuer}/"
    assert Person().site.get("/cuenta/entrar/").status_code == 503


class TestProviderWithoutDiscoveryAndKeys:
    """ClaveÚnica documents neither (norms 5.2): the addresses come from the settings."""

    @pytest.fixture(autouse=True)
    def addresses(self, liar: LyingProvider, settings: Settings) -> None:
        settings.OIDC_AUTHORIZE_URL = f"{liar.issuer}/authorize"
        settings.OIDC_TOKEN_URL = f"{liar.issuer}/token"
        settings.OIDC_USERINFO_URL = f"{liar.issuer}/userinfo"
        settings.OIDC_JWKS_URL = f"{liar.issuer}/jwks"
        settings.OIDC_LOGOUT_URL = f"{liar.issuer}/api/v1/accounts/app/logout"

    def test_people_come_in_without_the_discovery_document(self, liar: LyingProvider) -> None:
        assert come_in(liar)[0].status_code == 302
        assert not any("openid-configuration" in path for _, path, _ in liar.calls)

    def test_going_out_passes_by_the_providers_page_with_its_own_parameter(self, liar: LyingProvider) -> None:
        """R38; norms 5.3: `?redirect=`."""
        _, person = come_in(liar)
        address = person.site.post("/cuenta/salir/")["Location"]
        assert address.startswith(f"{liar.issuer}/api/v1/accounts/app/logout?")
        assert parameters(address)["redirect"] == f"{SITE}/cuenta/sesion-cerrada/"

    def test_without_keys_and_without_tls_no_token_is_believed(self, liar: LyingProvider, settings: Settings) -> None:
        settings.OIDC_JWKS_URL = ""
        assert refused(liar)
