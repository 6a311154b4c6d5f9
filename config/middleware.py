"""What every answer carries and what no request may exceed, beyond Django's own middleware."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from config.static_files import version
from documents.errors import FilesUnavailable

PERMISSIONS = "camera=(), display-capture=(), geolocation=(self), microphone=(), payment=(), usb=()"
"""What no page of ours asks a browser for. Taking a photo in a file control needs none of it."""
View = Callable[[HttpRequest], HttpResponse]
_NUMBER = re.compile(rb"[\dN](?:(?<=N)\xc2\xb0 \d|(?<![\w.-]\d))(?:\d{3}-\d{6}|\d?(?:\.\d{3}){2}-[\dkK])(?![\w-])")
"""A N° de solicitud, with its «N°», or a RUN or RUT, as pages write them. It begins with what is quick to look for."""
_TEXT = ("text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml")
"""What is worth compressing."""
_FOR_EVER = "public, max-age=31536000, immutable"
_ONLY_TEXT = (b"<option", b"<script", b"<style", b"<text", b"<title", b"<tspan", b'<span class="nowrap"')
"""Beginnings of tags that take no tag inside, or need none."""


def browser_rules(get_response: View) -> View:
    """Headers that Django has no setting for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


class Compressed(GZipMiddleware):
    """Pages, style and script take a third of the time on a slow telephone.

    Compressing tells the length of what is secret beside what a stranger chose (BREACH) only to who can have a page
    fetched over and over with its session: those cookies are SameSite=Lax, and each answer gets a random length.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress text sent whole: files of cases are compressed already, and a browser may ask for a part of one."""
        is_text = response.headers.get("Content-Type", "").startswith(_TEXT)
        if not is_text or response.status_code == HTTPStatus.PARTIAL_CONTENT:
            return response
        return super().process_response(request, response)


def kept_files(get_response: View) -> View:
    """A browser keeps a file for ever whose address names the content that it got."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        name = request.path_info.removeprefix(settings.STATIC_URL)
        is_ours = name != request.path_info and response.status_code == HTTPStatus.OK
        if is_ours and request.META.get("QUERY_STRING") == f"v={version(name)}":
            response.headers["Cache-Control"] = _FOR_EVER
        return response

    return middleware


def body_limit(get_response: View) -> View:
    """Refuse a body past MAX_BODY before a byte of it is read; without a stated length Django reads none."""

    def middleware(request: HttpRequest) -> HttpResponse:
        stated = request.META.get("CONTENT_LENGTH") or "0"
        if stated.isdecimal() and int(stated) > settings.MAX_BODY:
            return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return get_response(request)

    return middleware


def files_unavailable(get_response: View) -> View:
    """A page that needs a file while their store does not answer says so, and that nothing was lost."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def explain(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, FilesUnavailable):
            return None
        return render(request, "503.html", {"problem": str(error)}, status=HTTPStatus.SERVICE_UNAVAILABLE)

    middleware.process_exception = explain  # type: ignore[attr-defined]  # how Django finds it on a function
    return middleware


def private_pages(get_response: View) -> View:
    """No browser or proxy keeps what somebody who has signed in was shown: the next person may use the same phone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if SESSION_KEY in request.session:
            patch_cache_control(response, no_store=True, private=True)
        return response

    return middleware


def whole_numbers(get_response: View) -> View:
    """A number stands on one line: browsers break one at its hyphen, and no style sheet can name a hyphen."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
            response.content = _NUMBER.sub(_on_one_line, response.content)
        return response

    return middleware


def _on_one_line(found: re.Match[bytes]) -> bytes:
    """The number in an element that keeps it whole, unless it stands within a tag or where only text may stand."""
    page, start = found.string, found.start()
    tag = page.rfind(b"<", 0, start)
    if page.find(b">", tag, start) < 0 or page.startswith(_ONLY_TEXT, tag):
        return found.group()
    return b'<span class="nowrap">%b</span>' % found.group()
