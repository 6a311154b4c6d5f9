"""What the base page shows about notices."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest

from notifications.queries import unread_count


def unread_notices(request: HttpRequest) -> dict[str, Callable[[], int]]:
    """`unread_notices`: one query when a page reads it, none for a visitor who has not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"unread_notices": cache(lambda: unread_count(user.person_id))}
