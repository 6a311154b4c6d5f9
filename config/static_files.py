"""Addresses of style, script and pictures that change when their content does, so that a browser asks for each once."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

DIGITS = 10
"""Hexadecimal digits of a file's SHA-256 in its address."""


class VersionedFiles(StaticFilesStorage):
    """Files at their own names, with what tells their content behind: `css/site.css?v=0123456789`.

    In the query and not in the name: while processes are replaced one by one, each answers for the file it has.
    """

    def url(self, name: str | None) -> str:
        """The file's address; without a version where files may change while the process runs (DEBUG)."""
        address = super().url(name)
        known = "" if settings.DEBUG or not name else version(name)
        return f"{address}?v={known}" if known else address


@cache
def version(name: str) -> str:
    """What tells the content of the file served under this name from others; "" where there is none."""
    path = finders.find(name)
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:DIGITS] if path else ""
