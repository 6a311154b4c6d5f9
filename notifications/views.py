"""Mis avisos: a person's inbox."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.models import Person
from legaltime.api import now
from notifications.operations import mark_read
from notifications.queries import notices_of

PAGE_LENGTH = 20


@require_GET
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """The person's notices, newest first."""
    page = Paginator(notices_of(_person(request)), PAGE_LENGTH).get_page(request.GET.get("p"))
    return render(request, "notifications/inbox.html", {"page": page})


@require_GET
@login_required
def notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """One notice of the person, which counts as read from now on; 404 for anybody else's."""
    found = get_object_or_404(notices_of(_person(request)).prefetch_related("documents", "deliveries"), pk=notice_id)
    mark_read(notice=found, now=now())
    return render(request, "notifications/notice.html", {"notice": found})


def _person(request: HttpRequest) -> Person:
    """Who is signed in; `login_required` has seen to it that somebody is."""
    person: Person = request.user.person  # type: ignore[union-attr]
    return person
