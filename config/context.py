"""What every template may read."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from workflows.access import is_official


def site(request: HttpRequest) -> dict[str, Any]:
    """Whether this is the demonstration, and what the navigation depends on."""
    user = getattr(request, "user", None)
    return {
        "demo": settings.DEMO,
        "source_url": settings.SOURCE_URL,
        "is_official": user is not None and user.is_authenticated and is_official(user.person),
    }
