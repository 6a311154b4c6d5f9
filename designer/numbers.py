"""Whole numbers that come in addresses and forms. Pure."""

from __future__ import annotations

MOST_DIGITS = 9
"""What every database column holds; nothing here is counted beyond it."""


def plain_number(text: object) -> int | None:
    """The number written with plain digits and nothing else; None for what is none: «²», «-1», a line of digits."""
    written = str(text)
    is_number = written.isascii() and written.isdecimal() and len(written) <= MOST_DIGITS
    return int(written) if is_number else None
