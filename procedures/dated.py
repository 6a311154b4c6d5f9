"""Which of several values rules, by date and data, and its dates in words (R78)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from procedures.expressions import evaluate
from procedures.schema import Bundle, Dated

_W = TypeVar("_W", bound=Dated)


def ruling(ways: Iterable[_W], on: date, data: Mapping[str, Any], bundle: Bundle) -> _W | None:
    """The first value that rules what is of a legal date and has these data; None where the general one does.

    Raises RuleError when a condition gives no verdict (Ley 21.180, transitory art. 3; R78).
    """
    held = (way for way in ways if way.is_in_force(on))
    return next((way for way in held if way.when is None or evaluate(way.when, data, bundle)), None)


def days_in_words(way: Dated) -> str:
    """The dates between which a value rules; "" for one that always does."""
    first, last = (
        date_format(date.fromisoformat(day), "SHORT_DATE_FORMAT") if day else "" for day in (way.since, way.until)
    )
    if first and last:
        return _("Rige lo presentado desde el %(first)s hasta el %(last)s.") % {"first": first, "last": last}
    if first:
        return _("Rige lo presentado desde el %(first)s.") % {"first": first}
    return _("Rige lo presentado hasta el %(last)s.") % {"last": last} if last else ""
