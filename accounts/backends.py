"""The one way in: an identity that the provider vouched for. There is no password (R35)."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.models import Person, User


class VerifiedIdentityBackend(BaseBackend):
    """Signs in the person whose identity the OpenID Connect client has just verified."""

    def authenticate(
        self, request: HttpRequest | None, *, verified_person: Person | None = None, **credentials: Any
    ) -> User | None:
        """The account of `verified_person`, made at the first sign-in; None when it is not active."""
        if verified_person is None:
            return None
        user = User.objects.filter(person=verified_person).first() or User.objects.create_for(verified_person)
        return user if user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """The account of a session, with its person; None once it is closed, which ends the session."""
        return User.objects.select_related("person").filter(pk=user_id, is_active=True).first()
