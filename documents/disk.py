"""Sealed files in the data folder."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from accounts import api as accounts

_PART = ".part"
"""Ending of a file that is being written."""


@dataclass(frozen=True)
class Disk:
    """A place (see storage.Place) below `folder`; every file is flushed to the device before it has its name."""

    folder: Path

    def put(self, key: str, sealed: bytes) -> None:
        """Write beside, flush, rename, flush the folder. OSError when the disk is full or broken."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(_PART)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        _sync_folder(path.parent)

    def get(self, key: str) -> bytes:
        """The bytes; LookupError when the file cannot be read."""
        try:
            return self._path(key).read_bytes()
        except OSError as error:
            raise LookupError(key) from error

    def remove(self, key: str) -> None:
        """Take a file off the disk."""
        self._path(key).unlink(missing_ok=True)

    def written_before(self, moment: datetime) -> Iterator[str]:
        """Keys of older files, and names of older half-written ones."""
        for path in self.folder.glob("??/*"):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment:
                yield path.parent.name + path.name

    def sealed(self) -> Iterator[accounts.SealedFile]:
        """The files that are complete."""
        return (accounts.FileOnDisk(path) for path in self.folder.glob("??/*") if path.suffix != _PART)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
