"""The picture of an agency on its documents: read, made small and plain, and kept as long as a document names it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.api import wear_emblem
from accounts.models import Agency, Person
from documents.errors import UploadRefused
from documents.models import Emblem
from documents.uploads import redraw_on_white

LARGEST = (900, 450)
"""Pixels: three hundred to the inch in the room that the letterhead has for it."""
MOST_BYTES = 2 * 1024 * 1024


def keep_emblem(*, agency: Agency, data: bytes, by: Person, now: datetime) -> Emblem:
    """Put a picture that somebody sent on the agency's documents from now on. Raises UploadRefused with what to do."""
    content = _redrawn(data)
    with transaction.atomic():
        emblem, _made = Emblem.objects.get_or_create(
            agency=agency, sha256=hashlib.sha256(content).hexdigest(),
            defaults={"content": content, "added_at": now, "added_by": by},
        )  # fmt: skip
        wear_emblem(agency=agency, sha256=emblem.sha256, by=by, now=now)
    return emblem


def emblem_png(sha256: str) -> bytes | None:
    """The picture with this digest; None when nobody kept it."""
    found = Emblem.objects.filter(sha256=sha256).values_list("content", flat=True).first() if sha256 else None
    return None if found is None else bytes(found)


def _redrawn(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise UploadRefused(_("La imagen pesa más de 2 MB. Elige una más liviana."))
    return redraw_on_white(data, LARGEST)
