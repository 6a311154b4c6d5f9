"""The secret keys of this installation: files of KEYS_DIR, readable by their owner only."""

import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from accounts.errors import KeyMissing

KEY_BYTES = 32


def current_key_id() -> str:
    """Id (8 hexadecimal digits) of the key-encryption key that seals now: the newest; makes the first one."""
    files = _key_files()
    return _id_of(files[-1]) if files else add_key()


def add_key() -> str:
    """Makes a key-encryption key that becomes the current one, and returns its id."""
    key_id = secrets.token_hex(4)
    newest = int(_key_files()[-1].name.split("-")[1]) if _key_files() else 0
    _write_once(_folder() / f"vault-{newest + 1:04}-{key_id}.key")
    return current_key_id()


def key_ids() -> list[str]:
    """The ids of all keys present, oldest first."""
    return [_id_of(file) for file in _key_files()]


def key(key_id: str) -> bytes:
    """The 32 bytes of a key-encryption key. Raises KeyMissing."""
    for file in _key_files():
        if _id_of(file) == key_id:
            return _read(file)
    raise KeyMissing(key_id)


def index_key() -> bytes:
    """The 32 bytes of the key of blind indexes. It does not rotate: the indexes would have to be rebuilt."""
    file = _folder() / "blind-index.key"
    if not file.exists():
        _write_once(file)
    return _read(file)


def _folder() -> Path:
    folder: Path = settings.KEYS_DIR
    return folder


def _key_files() -> list[Path]:
    """The key files by age: their names start with a growing number."""
    return sorted(_folder().glob("vault-*.key"))


def _id_of(file: Path) -> str:
    return file.stem.rpartition("-")[2]


@lru_cache(maxsize=64)
def _read(file: Path) -> bytes:
    return bytes.fromhex(file.read_text())


def _write_once(file: Path) -> None:
    """Writes a new key whole or not at all; keeps the one that another process wrote first."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "w") as draft:
            draft.write(secrets.token_hex(KEY_BYTES))
            draft.flush()
            os.fsync(draft.fileno())
        os.link(name, file)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
