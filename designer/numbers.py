"""Whole numbers that come in addresses and forms. Pure."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[0-9]{1,9}")
"""Up to what every database column holds; nothing here is counted beyond it."""


def plain_number(text: object, otherwise: int = 0) -> int:
    """The number written with plain digits; `otherwise` for anything else: «²», «-1», a long line of digits."""
    written = str(text)
    return int(written) if _PLAIN.fullmatch(written) else otherwise
