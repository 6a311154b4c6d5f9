"""The two steps of the authorization code flow (norms 5.2): send the browser away, redeem what it brings back."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings

from accounts.errors import ProviderDown, SignInRefused
from accounts.oidc import provider
from accounts.oidc.identity import VerifiedIdentity, identity_of
from accounts.oidc.tokens import Claims, Expected, read_signed, read_unsigned


@dataclass(frozen=True)
class Ticket:
    """What ties a browser's return to its departure. Kept in the session, used once."""

    state: str
    nonce: str
    verifier: str


def new_ticket() -> Ticket:
    """Three unguessable texts of 43 characters (R36 asks for 30 or more)."""
    return Ticket(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def departure_address(ticket: Ticket, redirect_uri: str, *, fresh: bool) -> str:
    """Where to send the browser; `fresh` makes the provider ask for the password again. Raises ProviderDown."""
    extra = {"prompt": "login", "max_age": "0"} if fresh else {}
    address, _ = _session(redirect_uri).create_authorization_url(
        provider.endpoints().authorize,
        state=ticket.state,
        nonce=ticket.nonce,
        code_verifier=ticket.verifier,
        **extra,
    )
    return str(address)


def redeem(code: str, ticket: Ticket, redirect_uri: str, now: datetime) -> VerifiedIdentity:
    """The person behind a code, by three calls from this server to the provider (R36).

    Raises ProviderDown, SignInRefused and ClaimsIncomplete.
    """
    known = provider.endpoints()
    with _session(redirect_uri) as session:
        try:
            token = _fetch_token(session, known, code, ticket)
            claims = _read_id_token(token, known, ticket, now)
            user_info = _fetch_user_info(session, known)
        except requests.RequestException:
            raise ProviderDown from None
    return identity_of(claims, user_info, token["id_token"])


def _session(redirect_uri: str) -> OAuth2Session:
    return OAuth2Session(
        settings.OIDC_CLIENT_ID,
        settings.OIDC_CLIENT_SECRET,
        scope=settings.OIDC_SCOPE,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post",  # noqa: S106
        default_timeout=provider.TIMEOUT,
    )


def _fetch_token(session: OAuth2Session, known: provider.Endpoints, code: str, ticket: Ticket) -> dict[str, Any]:
    """The token answer. ClaveÚnica wants the state again in the body; the standard ignores it."""
    try:
        token = session.fetch_token(
            known.token,
            body=f"state={ticket.state}",
            grant_type="authorization_code",
            code=code,
            code_verifier=ticket.verifier,
            allow_redirects=False,
        )
    except OAuthError as error:
        raise SignInRefused(f"code:{error.error}") from None
    except (ValueError, requests.HTTPError):
        raise ProviderDown from None
    if not (isinstance(token.get("id_token"), str) and isinstance(token.get("access_token"), str)):
        raise SignInRefused("token_incomplete")
    return dict(token)


def _read_id_token(token: dict[str, Any], known: provider.Endpoints, ticket: Ticket, now: datetime) -> Claims:
    expected = Expected(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, ticket.nonce, int(now.timestamp()))
    if known.jwks:
        return read_signed(token["id_token"], lambda anew: provider.keys(known.jwks, anew=anew), expected)
    if not known.token.startswith("https://"):
        raise SignInRefused("unsigned_without_tls")
    return read_unsigned(token["id_token"], expected)


def _fetch_user_info(session: OAuth2Session, known: provider.Endpoints) -> dict[str, Any]:
    """ClaveÚnica's manual shows POST; most other providers document GET."""
    answer = session.request(settings.OIDC_USERINFO_METHOD, known.userinfo, allow_redirects=False)
    return provider.read_json(answer)
