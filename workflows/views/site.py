"""Fixed pages: help, accessibility, privacy; and the picture of an institution."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from documents.api import emblem_png


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Where to ask."""
    return render(request, "site/help.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "site/accessibility.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of a person, why, and for how long."""
    return render(request, "site/privacy.html")


@require_safe
def emblem(request: HttpRequest, sha256: str) -> HttpResponse:
    """The picture that an institution puts on its documents, which anybody may see there. It never changes."""
    found = emblem_png(sha256)
    if found is None:
        raise Http404
    return HttpResponse(found, content_type="image/png", headers={"Cache-Control": "public, max-age=86400, immutable"})
