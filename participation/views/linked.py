"""What views of this room share: who visits, where to go back to, and a refusal said in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Person, User
from legaltime.api import now
from participation.errors import NotAllowed, ParticipationError
from participation.queries.powers import may_moderate


class SignedIn(HttpRequest):
    """A request behind @login_required."""

    user: User


def person_of(request: HttpRequest) -> Person | None:
    """Who visits; None when nobody signed in."""
    return request.user.person if request.user.is_authenticated else None


def way_back(request: HttpRequest, code: str, anchor: str = "") -> HttpResponseRedirect:
    """Back to the page that sent the form, if it is of this site, else to the subject's own."""
    wanted = request.POST.get("volver", "")
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    target = wanted if wanted and allowed else reverse("participation:subject", args=[code])
    return HttpResponseRedirect(target + anchor)


def to_sign_in(path: str, **query: str) -> HttpResponseRedirect:
    """To the identity provider, and then to `path` with this query."""
    following = f"{path}?{urlencode(query)}" if query else path
    return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': following})}")


View = Callable[..., HttpResponse]


def saying_why(view: View) -> View:
    """A refusal becomes a message on the subject's page; what nobody may do is a 403."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except ParticipationError as refusal:
            messages.error(request, str(refusal))
            code = kwargs.get("code")
            return redirect("participation:subject", code) if code else redirect("participation:care")

    return answered


def for_moderators(view: View) -> View:
    """Only who moderates; others get a 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_moderate(person_of(request), now()):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def signed_in_to_post(view: View) -> View:
    """`login_required` for an address that only takes POST: the way back leads to the page with the button."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return to_sign_in(reverse("participation:subject", args=[kwargs["code"]]))

    return guarded
