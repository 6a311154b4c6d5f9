"""Where the provider's addresses and keys come from, and how its answers are read."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from django.conf import settings
from django.core.cache import cache

from accounts.errors import ProviderDown

TIMEOUT = (5, 10)
"""Seconds to connect and to wait for an answer."""
KEPT_FOR = 3600
"""Seconds that the discovery document and the keys are kept."""


@dataclass(frozen=True)
class Endpoints:
    """The provider's addresses. `jwks` is empty when the provider publishes no keys."""

    authorize: str
    token: str
    userinfo: str
    jwks: str
    logout: str
    logout_parameter: str
    """Name of the parameter with the address to come back to: "redirect" in ClaveÚnica."""


def endpoints() -> Endpoints:
    """The addresses from the settings, else from the provider's discovery document. Raises ProviderDown."""
    if settings.OIDC_AUTHORIZE_URL:
        return Endpoints(
            authorize=settings.OIDC_AUTHORIZE_URL,
            token=settings.OIDC_TOKEN_URL,
            userinfo=settings.OIDC_USERINFO_URL,
            jwks=settings.OIDC_JWKS_URL,
            logout=settings.OIDC_LOGOUT_URL,
            logout_parameter="redirect",
        )
    return _discovered()


def _discovered() -> Endpoints:
    issuer = settings.OIDC_ISSUER.rstrip("/")
    document = _kept(f"{issuer}/.well-known/openid-configuration")
    if document.get("issuer") != settings.OIDC_ISSUER:
        raise ProviderDown
    try:
        return Endpoints(
            authorize=document["authorization_endpoint"],
            token=document["token_endpoint"],
            userinfo=document["userinfo_endpoint"],
            jwks=document["jwks_uri"],
            logout=document.get("end_session_endpoint", ""),
            logout_parameter="post_logout_redirect_uri",
        )
    except KeyError:
        raise ProviderDown from None


def keys(address: str, *, anew: bool = False) -> dict[str, Any]:
    """The provider's JWKS; `anew` when a token names a key that we do not know. Raises ProviderDown."""
    return _kept(address, anew=anew)


def logout_address(back_to: str) -> str:
    """Where the browser goes to end the provider's session too (R38); "" when the provider offers no such page."""
    known = endpoints()
    if not known.logout:
        return ""
    separator = "&" if urlsplit(known.logout).query else "?"
    query = {known.logout_parameter: back_to, "client_id": settings.OIDC_CLIENT_ID}
    return known.logout + separator + urlencode(query)


def read_json(answer: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer with status 200. Raises ProviderDown."""
    try:
        read = answer.json() if answer.status_code == requests.codes.ok else None
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise ProviderDown
    return read


def _kept(address: str, *, anew: bool = False) -> dict[str, Any]:
    """A public document of the provider, kept for an hour."""
    kept: dict[str, Any] | None = None if anew else cache.get(f"oidc:{address}")
    if kept is None:
        kept = _fetch(address)
        cache.set(f"oidc:{address}", kept, KEPT_FOR)
    return kept


def _fetch(address: str) -> dict[str, Any]:
    try:
        return read_json(requests.get(address, timeout=TIMEOUT, allow_redirects=False))
    except requests.RequestException:
        raise ProviderDown from None
