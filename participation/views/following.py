"""Following a request without supporting it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from legaltime.api import now
from participation.operations import following
from participation.queries.finding import subject_at
from participation.views.linked import SignedIn, saying_why, signed_in_to_post, way_back


@require_POST
@signed_in_to_post
@saying_why
def follow(request: SignedIn, *, code: str) -> HttpResponse:
    """Hear what becomes of what somebody supports already."""
    subject = subject_at(code)
    if subject.pk is None:
        raise Http404
    following.follow(subject=subject, by=request.user.person, now=now())
    messages.success(
        request, _("Sigues «%(title)s». Te avisaremos cuando respondan y cuando se abra.") % {"title": subject.title}
    )
    return way_back(request, code, "#seguir")


@require_POST
@signed_in_to_post
def unfollow(request: SignedIn, *, code: str) -> HttpResponse:
    """Hear of it no more."""
    subject = subject_at(code)
    if subject.pk and following.unfollow(subject=subject, by=request.user.person):
        messages.success(request, _("Ya no sigues «%(title)s».") % {"title": subject.title})
    return way_back(request, code, "#seguir")
