"""What a procedure charges, in words: today, from the day on which it changes, and by which norm (R78)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from procedures.fields.numbers import grouped
from procedures.schema import Bundle, Fee, FeeWhen
from procedures.wording import describe

_UNITS = {"utm": "%s UTM", "uf": "%s UF", "clp": "$ %s"}


@dataclass(frozen=True)
class FeeToday:
    """One fee as the ficha shows it on a day."""

    title: str
    amount: str
    source: str
    others: list[str]
    """Other amounts that rule with some answers, or from a later day."""
    lang: str = ""


def amount_in_words(fee: Fee, amount: str) -> str:
    """ "0,5 UTM por metro cuadrado"; an amount of 0 is said as such."""
    number = Decimal(amount)
    if not number:
        return _("sin costo")
    words = _UNITS[fee.unit] % grouped(number)
    return _("%(amount)s por %(per)s") % {"amount": words, "per": fee.per} if fee.per else words


def fees_on(bundle: Bundle, on: date) -> list[FeeToday]:
    """What is charged for what is filed on a day, and what changes later (R78; Ley 19.880, art. 6)."""
    return [_today(bundle, fee, on) for fee in bundle.fees]


def _today(bundle: Bundle, fee: Fee, on: date) -> FeeToday:
    now = next((way for way in fee.amounts if way.when is None and way.is_in_force(on)), None)
    amount, source = (now.amount, now.source) if now else (fee.amount, fee.source)
    others = [_other(bundle, fee, way, on) for way in _still_to_tell(fee, now, on)]
    return FeeToday(fee.title, amount_in_words(fee, amount), source, others, fee.lang)


def _still_to_tell(fee: Fee, now: FeeWhen | None, on: date) -> Iterator[FeeWhen]:
    day = on.isoformat()
    return (way for way in fee.amounts if way is not now and (way.until or day) >= day)


def _other(bundle: Bundle, fee: Fee, way: FeeWhen, on: date) -> str:
    words = {"amount": amount_in_words(fee, way.amount), "source": way.source, "days": _days(way, on)}
    if way.when is None:
        return _("%(days)s: %(amount)s (%(source)s)") % words
    words["rule"] = describe(way.when, bundle)
    if words["days"]:
        return _("%(days)s, si %(rule)s: %(amount)s (%(source)s)") % words
    return _("Si %(rule)s: %(amount)s (%(source)s)") % words


def _days(way: FeeWhen, on: date) -> str:
    """From when and until when, as far as that is still to come."""
    first, last = (date.fromisoformat(day) if day else None for day in (way.since, way.until))
    if first is not None and first <= on:
        first = None
    days = {"first": date_format(first, "SHORT_DATE_FORMAT") if first else "",
            "last": date_format(last, "SHORT_DATE_FORMAT") if last else ""}  # fmt: skip
    if first and last:
        return _("Desde el %(first)s hasta el %(last)s") % days
    if first:
        return _("Desde el %(first)s") % days
    return _("Hasta el %(last)s") % days if last else ""
