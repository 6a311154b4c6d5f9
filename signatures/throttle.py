"""How often a network may ask at the public pages. Counts live in the database: all processes share them."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from accounts.api import blind_index
from signatures.errors import TooManyAttempts
from signatures.models import Attempt


@dataclass(frozen=True)
class Limit:
    """At most `count` attempts in each stretch of `minutes`."""

    purpose: str
    count: int
    minutes: int


CODES = Limit("verification.code", 60, 10)
FILES = Limit("verification.file", 20, 10)
HOLDER = Limit("verification.holder", 10, 60)
"""Tries at the last characters of a RUN, counted for each document: guessing must be hopeless."""
_KEPT = timedelta(days=1)


def count(limit: Limit, source: str, now: datetime) -> None:
    """Count one attempt of `source`. Raises TooManyAttempts past the limit."""
    window = datetime.fromtimestamp(now.timestamp() // (limit.minutes * 60) * limit.minutes * 60, UTC)
    with transaction.atomic():
        attempt, is_new = Attempt.objects.get_or_create(source=blind_index(source, limit.purpose), window=window)
        Attempt.objects.filter(pk=attempt.pk).update(count=F("count") + 1)
        if is_new:
            Attempt.objects.filter(window__lt=now - _KEPT).delete()
    if attempt.count >= limit.count:
        raise TooManyAttempts


def network_of(request: HttpRequest) -> str:
    """The network of the visitor (IPv4 /24, IPv6 /48): enough to slow down a machine, not to follow a person."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip()
    try:
        prefix = 24 if ipaddress.ip_address(address).version == 4 else 48
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))
