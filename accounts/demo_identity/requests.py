"""What a site asks the provider for, checked."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing

from accounts.demo_identity.tokens import CODE_LIFETIME, DemoIdentity, Grant

_REQUEST, _SESSION = "demo-identity.request", "demo-identity.session"
SESSION_LIFETIME = 60
"""Seconds that the provider remembers who signed in, as ClaveÚnica does."""


registered_addresses: list[str] = []
"""Pages of the site to which a browser may be sent back; the command that serves names them."""


class BadRequest(Exception):
    """The request may not be answered by a redirect: its client or address is unknown."""


@dataclass(frozen=True)
class AuthorizationRequest:
    """A checked request of the authorization endpoint."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    must_sign_in: bool
    max_age: int

    def answer(self, **parameters: str) -> str:
        """The address that carries the answer back to the site."""
        return f"{self.redirect_uri}?{urlencode({**parameters, 'state': self.state, 'iss': settings.OIDC_ISSUER})}"

    def accepts(self, identity: DemoIdentity | None) -> bool:
        """Whether somebody who signed in before may pass without doing it again."""
        return identity is not None and not self.must_sign_in and time.time() - identity.auth_time <= self.max_age

    def grant(self, identity: DemoIdentity) -> Grant:
        """What the code will stand for."""
        expires = time.time() + CODE_LIFETIME
        return Grant(identity, self.client_id, self.redirect_uri, self.nonce, self.code_challenge, expires)

    def sealed(self) -> str:
        """The request as a form field that nobody can change."""
        return signing.dumps(asdict(self), salt=_REQUEST)


def unseal(field: str) -> AuthorizationRequest:
    """The request of a form field of the last ten minutes. Raises BadRequest."""
    try:
        return AuthorizationRequest(**signing.loads(field, salt=_REQUEST, max_age=600))
    except signing.BadSignature:
        raise BadRequest("La página caducó. Vuelve al sitio y entra otra vez.") from None


def read_request(query: Mapping[str, str]) -> AuthorizationRequest:
    """Checks client, address, response type, scope and PKCE method. Raises BadRequest."""
    if query.get("client_id") != settings.OIDC_CLIENT_ID:
        raise BadRequest("El sitio que pide tu identidad no está registrado.")
    if query.get("redirect_uri") not in registered_addresses:
        raise BadRequest("La dirección de vuelta no está registrada.")
    if query.get("response_type") != "code" or "openid" not in query.get("scope", "").split():
        raise BadRequest("El sitio pidió algo que este servicio no entrega.")
    if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
        raise BadRequest("El sitio usa un método de PKCE que no se acepta.")
    return AuthorizationRequest(
        client_id=query["client_id"],
        redirect_uri=query["redirect_uri"],
        state=query.get("state", ""),
        nonce=query.get("nonce", ""),
        code_challenge=query.get("code_challenge", ""),
        must_sign_in="login" in query.get("prompt", "").split(),
        max_age=int(query["max_age"]) if query.get("max_age", "").isdecimal() else SESSION_LIFETIME,
    )


def session_cookie(identity: DemoIdentity) -> str:
    """The provider's own session, as a signed cookie."""
    return signing.dumps(asdict(identity), salt=_SESSION)


def identity_of_cookie(cookie: str | None) -> DemoIdentity | None:
    """Who signed in here during the last minute."""
    try:
        kept = signing.loads(cookie or "", salt=_SESSION, max_age=SESSION_LIFETIME)
    except signing.BadSignature:
        return None
    names = {"given_names": tuple(kept["given_names"]), "family_names": tuple(kept["family_names"])}
    return DemoIdentity(**{**kept, **names})
