"""Files that arrive in pieces: what arrived stays for hours, so that a lost connection or a closed session loses none.

Each piece is sealed on disk like any file but named by no blob, so the sweep of orphans takes it after a day.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile, UploadedFile
from django.db import IntegrityError, transaction

from documents.api import read_bytes, write_bytes
from workflows.errors import TooManyFiles
from workflows.models import Draft, UploadPiece

KEPT = timedelta(hours=20)
"""Less than the day after which the sweep removes what no blob names."""
LARGEST = 200 * 1024 * 1024
"""Bytes of the largest file that any question admits."""
MOST_AT_ONCE = 10
"""Files of one draft that may be arriving."""
_KEY = re.compile(r"[0-9a-z]{1,32}")


class BadPiece(ValueError):
    """The piece does not say where it belongs, or is larger than its file."""


def add(*, draft: Draft, posted: Any, data: bytes, now: datetime) -> int:
    """Keep one piece, unless it came before; returns how many bytes of its file have arrived without a gap.

    `posted` has the `key` and `size` of the file and the `offset` of the piece. Raises BadPiece, TooManyFiles.
    """
    key, size, offset = _place(posted)
    UploadPiece.objects.filter(draft=draft, created_at__lt=now - KEPT).delete()
    arrived = received(draft, key)
    if offset != arrived or not data:
        return arrived
    if arrived + len(data) > size:
        raise BadPiece(key)
    others = UploadPiece.objects.filter(draft=draft).exclude(key=key).values("key").distinct().count()
    if others >= MOST_AT_ONCE:
        raise TooManyFiles
    stored = write_bytes(data, "application/octet-stream")
    place = {"storage_key": stored.storage_key, "sha256": stored.sha256, "created_at": now, "size": len(data)}
    try:
        with transaction.atomic():
            UploadPiece.objects.create(draft=draft, key=key, offset=offset, **place)
    except IntegrityError:  # the same piece was sent twice at once; the other one stands
        return received(draft, key)
    return arrived + len(data)


def announced(name: str, head: bytes, size: int) -> UploadedFile[bytes]:
    """A file of which only the beginning is here, to be checked before the rest is sent."""
    upload = SimpleUploadedFile(name, head)
    upload.size = size
    upload.is_beginning = len(head) < size  # type: ignore[attr-defined]
    return upload


def received(draft: Draft, key: str) -> int:
    """How many bytes of a file have arrived, from its beginning without a gap."""
    arrived = 0
    for piece in UploadPiece.objects.filter(draft=draft, key=key).order_by("offset"):
        if piece.offset != arrived:
            break
        arrived += piece.size
    return arrived


def join(*, draft: Draft, posted: Any, name: str) -> UploadedFile[bytes]:
    """The whole file, once all of it has arrived; its pieces are forgotten. Raises BadPiece, BlobDamaged."""
    key, size, _offset = _place(posted)
    pieces = UploadPiece.objects.filter(draft=draft, key=key).order_by("offset")
    whole = TemporaryUploadedFile(name, "application/octet-stream", size, None)
    for piece in pieces:
        whole.write(read_bytes(piece.storage_key, piece.sha256))
    whole.flush()
    whole.seek(0)
    pieces.delete()
    return whole


def _place(posted: Any) -> tuple[str, int, int]:
    try:
        key, size, offset = str(posted["key"]), int(posted["size"]), int(posted["offset"])
    except (KeyError, ValueError):
        raise BadPiece from None
    if not _KEY.fullmatch(key) or not 0 <= offset <= size <= LARGEST:
        raise BadPiece(key)
    return key, size, offset
