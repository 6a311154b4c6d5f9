"""Keys of outside systems: bearer tokens of 256 random bits, of which only the SHA-256 is kept (decision 9).

A random secret of that size needs no slow hash: nobody guesses it from the digest.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Q

from documents.api import new_code
from workflows.models import SystemKey

OVERLAP = timedelta(days=1)
"""How long the key that was replaced is still taken, so that the other side changes it without losing anything."""
USED_EVERY = timedelta(minutes=1)
"""How exactly the last use of a key is kept."""
_SHAPE = re.compile(r"spk_([0-9A-Z]{16})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class NewKey:
    """A key as it is shown, once."""

    public_part: str
    text: str = field(repr=False)
    secret_sha256: str


def make() -> NewKey:
    """A new key. Its prefix lets scanners of leaked secrets find it."""
    public_part, secret = new_code(), secrets.token_urlsafe(32)
    return NewKey(public_part, f"spk_{public_part}_{secret}", _digest(secret))


def find(authorization: str, now: datetime) -> SystemKey | None:
    """The key that an Authorization header carries; None unless it is taken at this moment."""
    scheme, _space, text = authorization.partition(" ")
    shape = _SHAPE.fullmatch(text.strip())
    if scheme.lower() != "bearer" or shape is None:
        return None
    kept = SystemKey.objects.select_related("system__agency").filter(public_part=shape[1]).first()
    if kept is None or not hmac.compare_digest(kept.secret_sha256, _digest(shape[2])):
        return None
    return kept if kept.ends_at is None or now < kept.ends_at else None


def note_use(key: SystemKey, now: datetime) -> None:
    """Remember when a key was last used, to the minute."""
    unknown = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    SystemKey.objects.filter(unknown, pk=key.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
