"""Re-wrapping of everything sealed under an older key: columns of the database and files."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

from django.apps import apps
from django.db import models, transaction

from accounts.keyring import current_key_id
from accounts.vault import key_id_of, rewrap

HEAD = 16
"""Bytes of a file in which the id of its key stands."""


class SealedFile(Protocol):
    """A sealed file wherever it is kept. It is replaced whole or not at all."""

    def head(self) -> bytes:
        """Its first bytes, at least those that name its key."""

    def rewrap(self, change: Callable[[bytes], bytes]) -> None:
        """Put `change(contents)` in its place."""


@dataclass(frozen=True)
class FileOnDisk:
    """A sealed file of this machine."""

    path: Path

    def head(self) -> bytes:
        """Its first bytes."""
        with self.path.open("rb") as file:
            return file.read(HEAD)

    def rewrap(self, change: Callable[[bytes], bytes]) -> None:
        """Write beside it, flush, and take its name."""
        descriptor, draft = tempfile.mkstemp(dir=self.path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(change(self.path.read_bytes()))
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(self.path)


Files = Callable[[], Iterable[SealedFile]]

_columns: set[tuple[str, str]] = set()
_files: dict[str, Files] = {}


def register_sealed(model: str, field: str) -> None:
    """Names a column of sealed values ("accounts.Person", "run_sealed") that rotation must re-wrap."""
    _columns.add((model, field))


def register_sealed_files(name: str, files: Files) -> None:
    """Names a store of sealed files; `files()` gives them."""
    _files[name] = files


def rewrap_all() -> int:
    """Re-wraps everything that is not under the current key; returns how many. May be run again at any time."""
    current = current_key_id()
    rows = sum(_rewrap_row(model, field, pk) for model, field, pk, key_id in _rows() if key_id != current)
    return rows + sum(_rewrap_file(file) for file, key_id in _sealed_files() if key_id != current)


def count_by_key() -> Counter[str]:
    """How many values and files each key seals: a key with none may be put away."""
    return Counter(chain((key_id for *_, key_id in _rows()), (key_id for _, key_id in _sealed_files())))


def _rows() -> Iterator[tuple[type[models.Model], str, int, str]]:
    """Model, field, primary key and key id of each sealed value."""
    for label, field in sorted(_columns):
        model = apps.get_model(label)
        rows = model._default_manager.filter(**{f"{field}__isnull": False}).values_list("pk", field)
        for pk, sealed in rows.iterator():
            if sealed:
                yield model, field, pk, key_id_of(bytes(sealed))


def _sealed_files() -> Iterator[tuple[SealedFile, str]]:
    """Each sealed file and the id of its key."""
    return ((file, key_id_of(file.head())) for files in _files.values() for file in files())


@transaction.atomic
def _rewrap_row(model: type[models.Model], field: str, pk: int) -> int:
    """Re-wraps one value under its row's lock, so that a write meanwhile is not lost."""
    row = model._default_manager.select_for_update().only("pk", field).get(pk=pk)
    setattr(row, field, rewrap(bytes(getattr(row, field))))
    row.save(update_fields=[field])
    return 1


def _rewrap_file(file: SealedFile) -> int:
    file.rewrap(rewrap)
    return 1
