"""RUN and RUT numbers, and addresses to return to. No Django."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

_SHAPE = re.compile(r"0*([1-9]\d{0,7})([\dK])")
_NOISE = re.compile(r"[\s.\-‐‑‒–—−]")


class NotANumber(ValueError):
    """What was typed has not the shape of a RUN or RUT."""


class WrongDigit(ValueError):
    """The verification digit is not that of the number."""


def name_words(*names: str) -> set[str]:
    """The words of a name, without capitals or accents: «de la Peña» and «PENA» share one."""
    letters = unicodedata.normalize("NFKD", " ".join(names).casefold())
    return set("".join(char for char in letters if not unicodedata.combining(char)).replace("-", " ").split())


def check_digit(number: int) -> str:
    """The verification digit (módulo 11) of a RUN or RUT: "0" to "9" or "K"."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(str(number))))
    return "0123456789K"[-total % 11]


def plain_number(text: str) -> str:
    """ "12.345.678-5", "12 345 678 5" and "012345678-5" as "12345678-5". Raises NotANumber, WrongDigit."""
    parts = _parts(text)
    if parts is None:
        raise NotANumber
    if check_digit(int(parts[0])) != parts[1]:
        raise WrongDigit
    return "-".join(parts)


def _parts(text: str) -> tuple[str, str] | None:
    """Number and digit of what was typed, whatever its dots, spaces and hyphens."""
    match = _SHAPE.fullmatch(_NOISE.sub("", text).upper())
    return (match[1], match[2]) if match and match[0].isascii() else None


def format_run(run: str) -> str:
    """ "12345678-5" as "12.345.678-5"; what has another shape comes back unchanged."""
    number, hyphen, digit = run.partition("-")
    return f"{int(number):,}".replace(",", ".") + hyphen + digit if number.isdecimal() else run


FIRST_OF_ENTITIES = 50_000_000
"""From this number on, a RUT is of a company, a public body or another legal entity, and not of a natural person."""


def is_legal_entity(run: str) -> bool:
    """Whether "69000001-6" is the RUT of a legal entity; False without a number."""
    number = run.partition("-")[0].replace(".", "")
    return number.isdecimal() and int(number) >= FIRST_OF_ENTITIES


def mask_run(run: str) -> str:
    """ "12345678-5" as "••.•••.678-•", for pages that must tell two people apart without naming them."""
    shown = format_run(run)
    return "".join(
        "•" if char.isalnum() and not len(shown) - 5 <= place < len(shown) - 2 else char
        for place, char in enumerate(shown)
    )


def names_of(claim: Any, part: str) -> str:
    """The names in one of the two lists of ClaveÚnica's `name` claim, joined; "" when they are not there."""
    names = claim.get(part) if isinstance(claim, dict) else None
    if not isinstance(names, Sequence) or isinstance(names, str):
        return ""
    return " ".join(" ".join(name for name in names if isinstance(name, str)).split())[:120]


def own_path(target: str) -> str:
    """`target` when it is a path of this site, else "/": nobody is sent elsewhere after signing in."""
    is_path = target.startswith("/") and target[1:2] not in {"/", "\\"}
    is_plain = target.isprintable() and "\\" not in target and len(target) <= 2000
    return target if is_path and is_plain else "/"
