"""Verification codes, file identifiers and entry order: pure decisions, no Django."""

import secrets
from datetime import date

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base 32: no I, L, O or U."""
CODE_LENGTH = 16
_FOLDED = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u00a0": None, "\t": None})


class WrongLength(ValueError):
    """The text has not as many characters as a code; the argument says how many it has."""


class StrangeCharacter(ValueError):
    """The text has characters that no code has."""


class WrongCheck(ValueError):
    """The last character is not that of the others: one is wrong, or two changed places."""


def _times(a: int, b: int) -> int:
    """Product in GF(32), polynomial x⁵ + x² + 1."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0b100000:
            a ^= 0b100101
        b >>= 1
    return product


def _check_digit(body: str) -> str:
    """Weighted sum with the powers of a generator: no single slip and no swap of two characters goes unseen."""
    weight, total = 1, 0
    for character in body:
        weight = _times(weight, 2)
        total ^= _times(weight, ALPHABET.index(character))
    return ALPHABET[total]


def new_code() -> str:
    """A random code: 15 characters (75 bits) and one check character. It reveals no order."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH - 1))
    return body + _check_digit(body)


def plain_code(text: str) -> str:
    """The 16 characters of a code as a person typed it: any case, spaces, hyphens, O for 0, I and L for 1.

    Raises WrongLength, StrangeCharacter, WrongCheck.
    """
    code = text.strip().upper().translate(_FOLDED)
    if len(code) != CODE_LENGTH:
        raise WrongLength(len(code))
    if any(character not in ALPHABET for character in code):
        raise StrangeCharacter
    if _check_digit(code[:-1]) != code[-1]:
        raise WrongCheck
    return code


def format_code(code: str) -> str:
    """ "7K3MQ2XW9D4HB5TV" as printed: "7K3M-Q2XW-9D4H-B5TV"."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def new_iuie(opened_on: date) -> str:
    """An institutional file identifier (D10 18): "EXP-20260304-7K3MQ2XW". Unique with the body that gave it."""
    tail = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"EXP-{opened_on:%Y%m%d}-{tail}"
