"""Encrypted bytes under random names, on disk or in a bucket. They are stored whole before any row names them."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import api as accounts
from documents.disk import Disk
from documents.errors import BlobDamaged


class Place(Protocol):
    """Where sealed bytes are kept. Every method but `get` raises FilesUnavailable when the place does not answer."""

    def put(self, key: str, sealed: bytes) -> None:
        """Keep the bytes durably under a new key; what a key names is never replaced by other contents."""

    def get(self, key: str) -> bytes:
        """The bytes. LookupError when there are none, FilesUnavailable when the place does not answer."""

    def remove(self, key: str) -> None:
        """Forget them; nothing happens when they are already gone."""

    def written_before(self, moment: datetime) -> Iterator[str]:
        """Keys last written before `moment` (UTC), half-written ones included."""

    def sealed(self) -> Iterator[accounts.SealedFile]:
        """Everything kept whole, for the rotation of keys."""


@dataclass(frozen=True)
class StoredBytes:
    """Bytes in their place that no row names yet."""

    storage_key: str
    sha256: str
    size: int
    media_type: str
    key_id: str


def place() -> Place:
    """The bucket of S3_BUCKET, else the data folder."""
    if not settings.S3_BUCKET:
        return Disk(Path(settings.MEDIA_ROOT))
    from documents.bucket import bucket  # boto3 takes a third of a second that other installations need not spend

    return bucket()


def write(data: bytes, media_type: str) -> StoredBytes:
    """Seal `data` here and store it. Needs no transaction. Raises FilesUnavailable when it cannot be stored now."""
    storage_key = secrets.token_hex(16)
    place().put(storage_key, accounts.seal(data, _context(storage_key)))
    sha256 = hashlib.sha256(data).hexdigest()
    return StoredBytes(storage_key, sha256, len(data), media_type, accounts.current_key_id())


def read(storage_key: str, sha256: str) -> bytes:
    """The plaintext. Raises BlobDamaged when it is missing, was touched, or has another digest; FilesUnavailable."""
    try:
        data = accounts.open_sealed(place().get(storage_key), _context(storage_key))
    except (LookupError, accounts.SealBroken) as error:
        raise BlobDamaged(
            _("Un archivo del expediente falta o está dañado. Avisa a quien administra el servicio.")
        ) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BlobDamaged(
            _("Un archivo del expediente cambió desde que se guardó. Avisa a quien administra el servicio.")
        )
    return data


def sealed_files() -> Iterator[accounts.SealedFile]:
    """What rotation must re-wrap."""
    return place().sealed()


def _context(storage_key: str) -> str:
    """Binds the ciphertext to its place, so that two files cannot be exchanged."""
    return f"blob:{storage_key}"
