"""Encrypted bytes on disk under random names. A file is complete on disk before any row names it."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import api as accounts
from documents.errors import BlobDamaged

_PART = ".part"
"""Ending of a file that is being written."""


@dataclass(frozen=True)
class StoredBytes:
    """A file on disk that no row names yet."""

    storage_key: str
    sha256: str
    size: int
    media_type: str
    key_id: str


def write(data: bytes, media_type: str) -> StoredBytes:
    """Seal `data` and put it on disk, flushed to the device. Needs no transaction."""
    storage_key = secrets.token_hex(16)
    path = _path(storage_key)
    sealed = accounts.seal(data, _context(storage_key))
    _write_durably(path, sealed)
    sha256 = hashlib.sha256(data).hexdigest()
    return StoredBytes(storage_key, sha256, len(data), media_type, accounts.current_key_id())


def read(storage_key: str, sha256: str) -> bytes:
    """The plaintext. Raises BlobDamaged when the file is missing, was touched, or has another digest."""
    try:
        data = accounts.open_sealed(_path(storage_key).read_bytes(), _context(storage_key))
    except (OSError, accounts.SealBroken) as error:
        raise BlobDamaged(
            _("Un archivo del expediente falta o está dañado. Avisa a quien administra el servicio.")
        ) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BlobDamaged(
            _("Un archivo del expediente cambió desde que se guardó. Avisa a quien administra el servicio.")
        )
    return data


def stored_files() -> Iterator[Path]:
    """The sealed files that are complete."""
    return (path for path in Path(settings.MEDIA_ROOT).glob("??/*") if path.suffix != _PART)


def stored_before(moment: datetime) -> Iterator[str]:
    """Storage keys of the files last written before `moment` (UTC), half-written ones included."""
    for path in Path(settings.MEDIA_ROOT).glob("??/*"):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment:
            yield path.parent.name + path.name


def remove(storage_key: str) -> None:
    """Take a file off the disk; nothing happens when it is already gone."""
    _path(storage_key).unlink(missing_ok=True)


def _path(storage_key: str) -> Path:
    return Path(settings.MEDIA_ROOT) / storage_key[:2] / storage_key[2:]


def _context(storage_key: str) -> str:
    """Binds the ciphertext to its place, so that two files cannot be exchanged."""
    return f"blob:{storage_key}"


def _write_durably(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(_PART)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
