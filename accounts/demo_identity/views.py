"""The provider's endpoints. All answers are `no-store` and carry the policy of `middleware`."""

import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from joserfc.jwk import RSAKey

from accounts.demo_identity.requests import (
    SESSION_LIFETIME,
    AuthorizationRequest,
    BadRequest,
    identity_of_cookie,
    read_request,
    registered_addresses,
    session_cookie,
    unseal,
)
from accounts.demo_identity.tokens import (
    TOKEN_LIFETIME,
    Codes,
    DemoIdentity,
    access_token,
    id_token,
    proves,
    signing_key,
    user_info_of,
)
from accounts.numbers import InvalidRun, normalise_run
from accounts.sample import demo_people

COOKIE = "identidad"
"""Cookies do not know ports: the name must differ from those of the site."""

ENDPOINTS = {
    "authorization_endpoint": "authorize",
    "token_endpoint": "token",
    "userinfo_endpoint": "userinfo",
    "jwks_uri": "jwks",
    "end_session_endpoint": "logout",
}
ABILITIES = {
    "response_types_supported": ["code"],
    "grant_types_supported": ["authorization_code"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "scopes_supported": ["openid", "run", "name"],
    "claims_supported": ["sub", "RolUnico", "name", "auth_time"],
    "code_challenge_methods_supported": ["S256"],
    "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    "authorization_response_iss_parameter_supported": True,
}

_codes = Codes()


def _page(template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> HttpResponse:
    """A page without the site's context processors, which know its sessions and its database."""
    return HttpResponse(render_to_string(template, context), status=status)


@cache
def _key() -> RSAKey:
    return signing_key()


@require_GET
def discovery(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Discovery 1.0."""
    origin = "/".join(settings.OIDC_ISSUER.split("/")[:3])
    addresses = {name: origin + reverse(page) for name, page in ENDPOINTS.items()}
    return JsonResponse({"issuer": settings.OIDC_ISSUER, **addresses, **ABILITIES})


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    """The public half of the signing key."""
    return JsonResponse({"keys": [_key().as_dict(private=False)]})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponseBase:
    """Asks who the person is, unless they said so within the last minute, and sends them back with a code.

    The form carries the site's request signed; a page of another site may not post it.
    """
    try:
        if request.method == "POST":
            return _chosen(request, unseal(request.POST.get("request", "")))
        asked = read_request(request.GET.dict())
    except BadRequest as problem:
        return _page("accounts/demo_identity/problem.html", HTTPStatus.BAD_REQUEST, problem=str(problem))
    known = identity_of_cookie(request.COOKIES.get(COOKIE))
    if known and asked.accepts(known):
        return _send_back(asked, known)
    return _ask(request, asked)


def _ask(request: HttpRequest, asked: AuthorizationRequest, problem: str = "") -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    sealed, typed = asked.sealed(), request.POST
    return _page(
        "accounts/demo_identity/choose.html", status, people=demo_people(), sealed=sealed, problem=problem, typed=typed
    )


def _chosen(request: HttpRequest, asked: AuthorizationRequest) -> HttpResponseBase:
    """Somebody from the list, or the RUN and names that were typed."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise BadRequest("La elección llegó desde otro sitio.")
    try:
        identity = _identity(request.POST)
    except InvalidRun as problem:
        return _ask(request, asked, str(problem))
    return _send_back(asked, identity)


def _identity(form: Mapping[str, str]) -> DemoIdentity:
    """Raises InvalidRun."""
    listed = {person.run: person for person in demo_people()}.get(form.get("person", ""))
    number, _, digit = normalise_run(listed.run if listed else form.get("run", "")).partition("-")
    given = listed.given_names if listed else form.get("given_names", "")
    family = listed.family_names if listed else form.get("family_names", "")
    names = tuple(given.split()) or ("Persona",)
    return DemoIdentity(int(number), digit, names, tuple(family.split()), int(time.time()))


def _send_back(asked: AuthorizationRequest, identity: DemoIdentity) -> HttpResponseBase:
    response = HttpResponseRedirect(asked.answer(code=_codes.give(asked.grant(identity))))
    response.set_cookie(COOKIE, session_cookie(identity), max_age=SESSION_LIFETIME, httponly=True, samesite="Lax")
    return response


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Exchanges a code for tokens, once, for the client that asked for it."""
    if not _is_client(request):
        return JsonResponse({"error": "invalid_client"}, status=HTTPStatus.UNAUTHORIZED)
    if request.POST.get("grant_type") != "authorization_code":
        return JsonResponse({"error": "unsupported_grant_type"}, status=HTTPStatus.BAD_REQUEST)
    grant = _codes.take(request.POST.get("code", ""))
    if (
        grant is None
        or grant.redirect_uri != request.POST.get("redirect_uri")
        or not proves(request.POST.get("code_verifier", ""), grant.code_challenge)
    ):
        return JsonResponse({"error": "invalid_grant"}, status=HTTPStatus.BAD_REQUEST)
    answer: dict[str, Any] = {"access_token": access_token(grant.identity), "token_type": "bearer"}
    return JsonResponse({**answer, "expires_in": TOKEN_LIFETIME, "id_token": id_token(grant, _key())})


def _is_client(request: HttpRequest) -> bool:
    """Client id and secret, from the body or from the Authorization header."""
    client_id, secret = request.POST.get("client_id", ""), request.POST.get("client_secret", "")
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = _basic(credentials)
    matches = secrets.compare_digest(secret.encode(), settings.OIDC_CLIENT_SECRET.encode())
    return client_id == settings.OIDC_CLIENT_ID and matches


def _basic(credentials: str) -> tuple[str, str]:
    try:
        client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(client_id), unquote(secret)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """ClaveÚnica's claims; by POST as in its manual, and by GET as everywhere else."""
    _, _, bearer = request.headers.get("Authorization", "").partition(" ")
    claims = user_info_of(bearer)
    if claims is None:
        return JsonResponse({"error": "invalid_token"}, status=HTTPStatus.UNAUTHORIZED)
    return JsonResponse(claims)


@require_GET
def logout(request: HttpRequest) -> HttpResponseBase:
    """Forgets who signed in. Goes back only to a registered address, as ClaveÚnica does."""
    back_to = request.GET.get("redirect") or request.GET.get("post_logout_redirect_uri", "")
    known = back_to in registered_addresses
    response: HttpResponse = HttpResponseRedirect(back_to) if known else _page("accounts/demo_identity/signed_out.html")
    response.delete_cookie(COOKIE)
    return response


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Says what this is to whoever opens the port by hand."""
    return _page("accounts/demo_identity/home.html", site=settings.PUBLIC_URL, people=demo_people())


@require_GET
def stylesheet(request: HttpRequest) -> FileResponse:
    """The one stylesheet of these pages."""
    return FileResponse((Path(__file__).parent / "style.css").open("rb"), content_type="text/css")
