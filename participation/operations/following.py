"""Hearing of a request without supporting it: a verified person, a limit, and nothing that is counted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from participation.errors import FollowsTooMany, SubjectClosed
from participation.models import Follow, Subject

MOST = 50
"""Requests that one person follows at a time."""


@transaction.atomic
def follow(*, subject: Subject, by: Person, now: datetime) -> Follow:
    """Tell the person what becomes of it. Following twice is no error. Raises SubjectClosed and FollowsTooMany."""
    if subject.closed_at is not None or not subject.listed:
        raise SubjectClosed
    Person.objects.select_for_update(of=("self",)).only("pk").get(pk=by.pk)
    if Follow.objects.filter(person=by).exclude(subject=subject).count() >= MOST:
        raise FollowsTooMany(MOST)
    return Follow.objects.get_or_create(subject=subject, person=by, defaults={"at": now})[0]


@transaction.atomic
def unfollow(*, subject: Subject, by: Person) -> bool:
    """Tell them nothing more; whether they followed it."""
    return bool(Follow.objects.filter(subject=subject, person=by).delete()[0])
