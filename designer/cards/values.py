"""Values of answers as people write them on a card, and as a procedure holds them. Dates are dd/mm/yyyy (R77)."""

from __future__ import annotations

import re
from typing import Any

_DAY = re.compile(r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d\d)-(\d\d)$")
_WHOLE = frozenset({"integer", "money_clp"})
_DECIMAL = frozenset({"decimal", "percentage", "money_uf", "money_utm"})


def typed_value(kind: str, text: str) -> Any:
    """What was typed as an answer of that type; what is no such answer stays as the text that it is."""
    text = text.strip()
    if kind in ("yes_no", "declaration", "consent"):
        return text == "true"
    if kind in _WHOLE:
        plain = text.replace(".", "").replace("$", "").strip()
        return int(plain) if plain.lstrip("-").isdecimal() else text
    if kind in _DECIMAL:
        plain = text.replace(",", ".")
        return int(plain) if plain.lstrip("-").isdecimal() else plain
    found = _DAY.match(text) if kind == "date" else None
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text


def shown_value(value: Any, kind: str = "") -> str:
    """The value as a control shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    found = _ISO.match(value) if kind == "date" and isinstance(value, str) else None
    if found:
        return f"{found[3]}/{found[2]}/{found[1]}"
    return str(value).replace(".", ",") if kind in _DECIMAL else str(value)
