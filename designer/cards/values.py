"""Values of answers as people write them on a card, and as a procedure holds them. Dates are dd/mm/yyyy (R77)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.api import NUMBER_TYPES, is_relative, shape_of, typed_number

_DAY = re.compile(r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d\d)-(\d\d)$")
_POINTED = re.compile(r"-?[\d.]+")


_FROM_TODAY = re.compile(r"hoy(?:\s*([+-])\s*0*([1-9]\d{0,2})\s*(d[ií]as?|mes(?:es)?|a[ñn]os?))?", re.IGNORECASE)
_UNITS = {"d": "days", "m": "months", "a": "years"}
_UNIT_WORDS = {
    "days": gettext_lazy("días"),
    "months": gettext_lazy("meses"),
    "years": gettext_lazy("años"),
}


def typed_limit(kind: str, text: str) -> Any:
    """What was typed as the limit of an answer: a value of its type, or for a date a day counted from today's."""
    found = _FROM_TODAY.fullmatch(text.strip()) if kind == "date" else None
    if found is None:
        return typed_value(kind, text)
    sign, amount, unit = found.groups()
    return f"today {sign} {amount} {_UNITS[unit[0].lower()]}" if amount else "today"


def problem_with_limit(kind: str, text: str, label: str) -> str:
    """What to write instead of what is no such limit; empty when it is one."""
    if is_relative(typed_limit(kind, text)):
        return ""
    problem = problem_with(kind, text, label)
    return _("%(problem)s, o «hoy + 15 días»") % {"problem": problem} if problem and kind == "date" else problem


def shown_limit(limit: Any, kind: str) -> str:
    """The limit as a control shows it."""
    if not is_relative(limit):
        return shown_value(limit, kind)
    _today, *rest = str(limit).split()
    return " ".join([_("hoy"), *rest[:2], *(str(_UNIT_WORDS[unit]) for unit in rest[2:])])


def typed_value(kind: str, text: str) -> Any:
    """What was typed as an answer of that type, read as the question itself reads it; what is no such answer stays as
    the text that it is. Nothing stays of "1.500" where it may be two numbers: rules would take it for one of them."""
    text = text.strip()
    if kind in ("yes_no", "declaration", "consent"):
        return text == "true"
    if kind in NUMBER_TYPES:
        try:
            plain = f"{Decimal(typed_number(kind, text, '')):f}"
        except ValueError:
            return "" if _POINTED.fullmatch(text) else text
        return plain if "." in plain else int(plain)
    found = _DAY.match(text) if kind == "date" else None
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text


def problem_with(kind: str, text: str, label: str) -> str:
    """What to write instead of what is no number or date, for an answer of that type; empty when it is one."""
    try:
        if kind in NUMBER_TYPES:
            typed_number(kind, text, label)
        elif kind == "date":
            date.fromisoformat(found[0] if (found := _ISO.match(typed_value(kind, text))) else "")
    except ValueError as error:
        return str(error) if kind in NUMBER_TYPES else _("Escribe una fecha que exista, como 01/03/2027")
    return ""


def shown_value(value: Any, kind: str = "") -> str:
    """The value as a control shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    found = _ISO.match(value) if kind == "date" and isinstance(value, str) else None
    if found:
        return f"{found[3]}/{found[2]}/{found[1]}"
    return str(value).replace(".", ",") if kind in NUMBER_TYPES and shape_of(kind) == "decimal" else str(value)
