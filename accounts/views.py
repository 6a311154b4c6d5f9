"""The pages of coming in and going out."""

import logging
from dataclasses import replace
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from accounts.errors import AccountClosed, AccountsError, ClaimsIncomplete, OtherIdentity, ProviderDown, SignInRefused
from accounts.intents import check_open, continuation_of
from accounts.models import Person, SigningIntent, User
from accounts.oidc import provider
from accounts.oidc.client import departure_address, new_ticket, redeem
from accounts.operations import keep_language
from accounts.rules import own_path
from accounts.sign_in import Journey, confirm_identity, remember_journey, start_session, take_journey
from legaltime.api import now

logger = logging.getLogger("accounts")

NOBODY = "-"
"""The mark of a browser that everybody left: its other pages show nothing any more."""
REFUSAL, CONFIRMING = "sign_in_refusal", "confirming_intent"
MUST_LEAVE_PROVIDER = (AccountClosed, ClaimsIncomplete, OtherIdentity)
"""Refusals after which the provider's session is closed too (R38)."""


@require_GET
@never_cache
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Sends the browser to the identity provider; `next` is where to come back to."""
    next_path = own_path(request.GET.get("next", "/"))
    if not settings.PUBLIC_URL.endswith(f"//{request.get_host()}"):
        return redirect(settings.PUBLIC_URL + request.get_full_path())
    if request.user.is_authenticated:
        return redirect(next_path)
    return _depart(request, next_path=next_path)


@require_GET
@never_cache
@login_required
def confirm(request: HttpRequest, nonce: str) -> HttpResponseBase:
    """Starts the fresh sign-in that must come before a signature."""
    intent = get_object_or_404(SigningIntent, nonce=nonce, user=request.user.pk)
    back_to = own_path(request.GET.get("next", "/"))
    try:
        check_open(intent, now())
    except AccountsError as error:
        return _refuse(request, error, back_to)
    if settings.OIDC_FRESH_BY_LOGOUT:
        request.session[CONFIRMING] = [nonce, back_to]
        return redirect(_way_out("accounts:confirm_return"))
    return _depart(request, next_path=back_to, intent_nonce=nonce)


@require_GET
@never_cache
@login_required
def confirm_return(request: HttpRequest) -> HttpResponseBase:
    """Goes on with the fresh sign-in once a provider without `prompt=login` has ended its own session."""
    nonce, back_to = request.session.pop(CONFIRMING, ("", "/"))
    if not nonce:
        return redirect("/")
    return _depart(request, next_path=back_to, intent_nonce=nonce)


@require_GET
@never_cache
def callback(request: HttpRequest) -> HttpResponseBase:
    """Where the provider sends the browser back."""
    next_path = "/"
    try:
        journey = take_journey(request.session, request.GET.get("state", ""), now())
        next_path = journey.next_path
        return _arrive(request, journey)
    except AccountsError as error:
        return _refuse(request, error, next_path)


@never_cache
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Changes the language of the pages, and of what is written to the person from now on."""
    chosen = request.POST.get("language", "")
    response = set_language(request)
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        keep_language(person=request.user.person, language=chosen)
        _speak(request, response, chosen)
    return response


@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Ends the session here and at the provider (R38)."""
    logout(request)
    response = redirect(_way_out())
    response["Clear-Site-Data"] = '"cache"'
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response


@require_GET
@never_cache
def signed_out(request: HttpRequest) -> HttpResponseBase:
    """Where the provider sends the browser after closing its session: a good-bye, or why nobody came in."""
    kept = request.session.pop(REFUSAL, None)
    if kept:
        refusal, next_path = kept
        context = {"refusal": refusal, "next_path": next_path}
        return render(request, "accounts/refused.html", context, status=HTTPStatus.FORBIDDEN)
    return render(
        request, "accounts/signed_out.html", {} if request.user.is_authenticated else {"visitor_mark": NOBODY}
    )


def _depart(request: HttpRequest, *, next_path: str, intent_nonce: str = "") -> HttpResponseBase:
    ticket = new_ticket()
    fresh = bool(intent_nonce) and not settings.OIDC_FRESH_BY_LOGOUT
    try:
        address = departure_address(ticket, _absolute("accounts:callback"), fresh=fresh)
    except ProviderDown as error:
        return _refuse(request, error, next_path)
    remember_journey(request.session, ticket=ticket, next_path=next_path, intent_nonce=intent_nonce, now=now())
    return redirect(address)


def _arrive(request: HttpRequest, journey: Journey) -> HttpResponseBase:
    """Signs in, or goes on with the signature that the person is confirming."""
    if request.GET.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:
        raise SignInRefused("iss")
    if "code" not in request.GET:
        raise SignInRefused("no_code")
    identity = redeem(request.GET["code"], journey.ticket, _absolute("accounts:callback"), now())
    if not journey.intent_nonce:
        former = request.user.pk
        user = start_session(request, identity=identity, now=now()).user
        found = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "") if former in (None, user.pk) else ""
        return _in_own_language(request, user.person, found, redirect(journey.next_path))
    intent = get_object_or_404(SigningIntent.objects.select_related("user__person"), nonce=journey.intent_nonce)
    if settings.OIDC_FRESH_BY_LOGOUT and identity.auth_time is None:
        identity = replace(identity, auth_time=identity.issued_at)
    intent = confirm_identity(request, intent=intent, identity=identity, now=now())
    return continuation_of(intent.purpose)(request, intent)


def _in_own_language(request: HttpRequest, person: Person, found: str, response: HttpResponseBase) -> HttpResponseBase:
    """Goes on in the language that the person chose another day; the first time, in that `found` in the browser."""
    language = person.language or found
    if language not in dict(settings.LANGUAGES):
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        return response
    if not person.language:
        keep_language(person=person, language=language)
    _speak(request, response, language)
    return response


def _speak(request: HttpRequest, response: HttpResponseBase, language: str) -> None:
    """The browser's pages are in the person's language while their session lasts: whoever comes next may be another."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=request.session.get_expiry_age(),
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def _refuse(request: HttpRequest, error: AccountsError, next_path: str) -> HttpResponseBase:
    """Says why nobody came in; closes the provider's session first when somebody is signed in there."""
    logger.warning("Sign-in refused: %s", getattr(error, "code", type(error).__name__))
    if isinstance(error, MUST_LEAVE_PROVIDER):
        request.session[REFUSAL] = [str(error), next_path]
        return redirect(_way_out())
    is_down = isinstance(error, ProviderDown)
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_down else HTTPStatus.BAD_REQUEST
    context = {"refusal": str(error), "next_path": next_path, "is_down": is_down}
    return render(request, "accounts/refused.html", context, status=status)


def _way_out(back_to: str = "accounts:signed_out") -> str:
    """The provider's page that closes its session; our own page when the provider has none or does not answer."""
    here = _absolute(back_to)
    try:
        return provider.logout_address(here) or here
    except ProviderDown:
        return here


def _absolute(name: str) -> str:
    """The address of a page as registered with the provider: scheme, host and path only."""
    return str(settings.PUBLIC_URL + reverse(name))
