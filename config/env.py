"""Reads settings from the environment; `NAME_FILE` names a file that holds the value."""

import os
import secrets
from pathlib import Path


def text(name: str, default: str = "") -> str:
    """The value of NAME, or the contents of the file that NAME_FILE names, or `default`."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        return Path(file_name).read_text().strip()
    return os.environ.get(name, default)


def flag(name: str, default: bool) -> bool:
    """True for 1, true, yes, on (any case); `default` when NAME is not set."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """The whole number in NAME; ValueError when it is not one."""
    return int(os.environ.get(name, default))


def kept_secret(path: Path) -> str:
    """The secret stored at `path`, made and stored (mode 0600) at the first call."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(descriptor, "w") as file:
            secret = secrets.token_urlsafe(48)
            file.write(secret)
        return secret
