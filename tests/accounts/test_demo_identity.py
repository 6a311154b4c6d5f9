"""The demonstration identity provider, seen from outside."""

import re
import time
from html import unescape

import pytest
import requests
import time_machine
from django.core.management import CommandError, call_command
from joserfc import jwt
from joserfc.jwk import KeySet
from pytest_django import Settings

from accounts.demo_identity import tokens
from accounts.demo_identity.tokens import Codes, DemoIdentity, Grant
from tests.accounts.providers import CLIENT_ID, SITE, Person, parameters

REDIRECT = f"{SITE}/cuenta/entrar/vuelta/"
RIGHT = {
    "client_id": CLIENT_ID,
    "redirect_uri": REDIRECT,
    "response_type": "code",
    "scope": "openid run name",
    "state": "s",
    "nonce": "n",
}


def authorize(issuer: str, **changes: str) -> requests.Response:
    return requests.get(f"{issuer}/authorize/", params={**RIGHT, **changes}, allow_redirects=False, timeout=60)


def code_for(issuer: str, run: str = "41.111.111-3", **changes: str) -> str:
    sealed = re.search(r'name="request" value="([^"]+)"', authorize(issuer, **changes).text)
    assert sealed
    form = {"request": unescape(sealed[1]), "person": run}
    answer = requests.post(f"{issuer}/authorize/", data=form, allow_redirects=False, timeout=60)
    return parameters(answer.headers["Location"])["code"]


def redeem(issuer: str, secret: str, **changes: str) -> requests.Response:
    right = {
        "client_id": CLIENT_ID,
        "client_secret": secret,
        "redirect_uri": REDIRECT,
        "grant_type": "authorization_code",
    }
    return requests.post(f"{issuer}/token/", data={**right, **changes}, timeout=60)


@pytest.fixture
def secret(settings: Settings) -> str:
    """The client secret that both processes read from the keys folder."""
    return str(settings.OIDC_CLIENT_SECRET)


def test_it_gives_claveunicas_claims_by_post_and_by_get(demo_issuer: str, secret: str) -> None:
    answer = redeem(demo_issuer, secret, code=code_for(demo_issuer)).json()
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    claims = [requests.request(method, f"{demo_issuer}/userinfo/", headers=bearer, timeout=60).json() for method in
              ("POST", "GET")]  # fmt: skip
    assert claims[0] == claims[1]
    assert set(claims[0]) == {"sub", "RolUnico", "name"}
    assert claims[0]["RolUnico"] == {"DV": "3", "numero": 41111111, "tipo": "RUN"}
    assert claims[0]["name"] == {"apellidos": ["Pérez", "Soto"], "nombres": ["Ana", "María"]}


def test_its_token_is_signed_by_its_published_key_and_holds_no_run(demo_issuer: str, secret: str) -> None:
    document = requests.get(f"{demo_issuer}/.well-known/openid-configuration", timeout=60).json()
    keys = requests.get(document["jwks_uri"], timeout=60).json()
    assert "d" not in keys["keys"][0]
    asked = int(time.time())
    answer = redeem(demo_issuer, secret, code=code_for(demo_issuer)).json()
    token = jwt.decode(answer["id_token"], KeySet.import_key_set(keys), algorithms=["RS256"])
    assert (token.claims["iss"], token.claims["aud"], token.claims["nonce"]) == (demo_issuer, CLIENT_ID, "n")
    assert asked <= token.claims["auth_time"] <= time.time()
    assert "41111111" not in str(token.claims)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": f"{REDIRECT}?x=1"},
        {"redirect_uri": f"{SITE}/"},
        {"response_type": "token"},
        {"scope": "run name"},
        {"code_challenge": "x", "code_challenge_method": "plain"},
    ],
)
def test_it_answers_no_request_that_it_should_not(demo_issuer: str, changes: dict[str, str]) -> None:
    answer = authorize(demo_issuer, **changes)
    assert answer.status_code == 400
    assert "No podemos continuar" in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"client_secret": "wrong"},
        {"client_id": "another"},
        {"redirect_uri": f"{SITE}/"},
        {"grant_type": "password"},
        {"code": "0" * 32},
    ],
)
def test_it_gives_no_token_for_a_wrong_exchange(demo_issuer: str, secret: str, changes: dict[str, str]) -> None:
    answer = redeem(demo_issuer, secret, **{"code": code_for(demo_issuer), **changes})
    assert answer.status_code in {400, 401}
    assert "id_token" not in answer.text


def test_its_codes_serve_once(demo_issuer: str, secret: str) -> None:
    code = code_for(demo_issuer)
    assert [redeem(demo_issuer, secret, code=code).status_code for _ in range(2)] == [200, 400]


def test_it_wants_the_verifier_of_a_challenge(demo_issuer: str, secret: str) -> None:
    challenge = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
    code = code_for(demo_issuer, **challenge)
    assert redeem(demo_issuer, secret, code=code, code_verifier=verifier).status_code == 200
    code = code_for(demo_issuer, **challenge)
    assert redeem(demo_issuer, secret, code=code, code_verifier="x" * 43).status_code == 400


def test_it_takes_the_secret_from_the_header_too(demo_issuer: str, secret: str) -> None:
    form = {"redirect_uri": REDIRECT, "grant_type": "authorization_code", "code": code_for(demo_issuer)}
    answer = requests.post(f"{demo_issuer}/token/", data=form, auth=(CLIENT_ID, secret), timeout=60)
    assert answer.status_code == 200


@pytest.mark.parametrize(("seconds", "is_good"), [(299, True), (301, False)])
def test_codes_live_five_minutes(seconds: int, is_good: bool) -> None:
    identity = DemoIdentity(41111111, "3", ("Ana",), ("Pérez",), 1)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        codes = Codes()
        code = codes.give(Grant(identity, CLIENT_ID, REDIRECT, "", "", time.time() + tokens.CODE_LIFETIME))
        clock.shift(seconds)
        assert (codes.take(code) is not None) == is_good


def test_it_lists_the_people_and_says_what_it_is(demo_issuer: str) -> None:
    page = authorize(demo_issuer)
    assert "Identidad de demostración" in page.text
    assert "Beto Araya Molina" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert f"form-action 'self' {SITE}" in policy
    assert "script" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_anybody_may_come_in_with_a_run_of_their_own(ana: Person) -> None:
    back = ana.choose(ana.depart(), run="6-k", given_names="Zoila", family_names="Rosa Flores")
    ana.arrive(back)
    assert ana.name() == "Zoila"


def test_a_wrong_run_is_explained_and_what_was_typed_stays(demo_issuer: str) -> None:
    sealed = re.search(r'name="request" value="([^"]+)"', authorize(demo_issuer).text)
    assert sealed
    form = {"request": unescape(sealed[1]), "run": "41.111.111-4", "given_names": "Zoila"}
    page = requests.post(f"{demo_issuer}/authorize/", data=form, timeout=60)
    assert page.status_code == 422
    assert "dígito verificador no corresponde" in page.text
    assert 'value="41.111.111-4"' in page.text
    assert 'value="Zoila"' in page.text


def test_another_site_cannot_choose_for_somebody(demo_issuer: str) -> None:
    sealed = re.search(r'name="request" value="([^"]+)"', authorize(demo_issuer).text)
    assert sealed
    form = {"request": unescape(sealed[1]), "person": "41.111.111-3"}
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = requests.post(f"{demo_issuer}/authorize/", data=form, headers=headers, allow_redirects=False, timeout=60)
    assert answer.status_code == 400
    forged = {**form, "request": "forged"}
    assert requests.post(f"{demo_issuer}/authorize/", data=forged, timeout=60).status_code == 400


def test_its_logout_sends_nobody_to_another_site(demo_issuer: str) -> None:
    address = demo_issuer.removesuffix("/openid") + "/api/v1/accounts/app/logout"
    page = requests.get(address, params={"redirect": "https://evil.example/"}, allow_redirects=False, timeout=60)
    assert page.status_code == 200
    assert "Sesión cerrada" in page.text


def test_it_does_not_exist_in_production(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("demo_identity")


def test_its_signing_key_survives_a_restart_and_is_private(settings: Settings, tmp_path: object) -> None:
    settings.KEYS_DIR = tmp_path
    first = tokens.signing_key()
    assert first.kid == tokens.signing_key().kid
    assert (settings.KEYS_DIR / "demo-identity.jwk").stat().st_mode & 0o077 == 0
