"""What every template may read."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.api import visitor_mark
from designer.queries import is_designer
from workflows.access import is_official


def site(request: HttpRequest) -> dict[str, Any]:
    """Whether this is the demonstration, and what the navigation depends on."""
    user = getattr(request, "user", None)
    person = user.person if user is not None and user.is_authenticated else None
    official = person is not None and is_official(person)
    return {
        "demo": settings.DEMO,
        "source_url": settings.SOURCE_URL,
        "is_official": official,
        "visitor_mark": visitor_mark(user.pk) if user is not None and user.is_authenticated else "",
        "is_designer": person is not None and official and is_designer(person),
    }
