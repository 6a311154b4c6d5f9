"""The rules of a case by their dates: what it is charged and how long its acts may be appealed, and why (R78).

Procedures begun before a rule changed go on under the one of then (Ley 21.180, transitory art. 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from legaltime.api import local_date
from procedures.api import Bundle, Fee, FeeWhen, RuleError, days_in_words, describe, fee_in_words, ruling
from workflows.models import Case


@dataclass(frozen=True)
class Charge:
    """One fee of a case."""

    name: str
    """Its id in the procedure."""
    title: str
    amount: str
    source: str
    why: str


def regime_day(case: Case) -> date:
    """The legal date whose rules the case keeps: that of its filing; an appeal keeps those of what it is about.

    Procedures begun before a change go on under the rules of then (Ley 21.180, transitory art. 3; R78).
    """
    return local_date(_began(case).effective_at, case.agency.time_zone)


def regime_data(case: Case) -> dict[str, Any]:
    """The data by which those rules are chosen: the application's; an appeal has no answers of it but its original."""
    data: dict[str, Any] = _began(case).data
    return data


def _began(case: Case) -> Case:
    """The case that the application began: itself, or what an appeal is about."""
    return case if case.original is None else case.original


def appeal_length(case: Case, bundle: Bundle) -> tuple[int, str]:
    """Business days within which an act of the case may be appealed, and their norm (Ley 19.880, art. 59; R78).

    Raises KeyError where the procedure has no appeals, RuleError.
    """
    rules = bundle.law.appeals if bundle.law else None
    if rules is None:
        raise KeyError("law.appeal_term")
    way = ruling(rules.amounts, regime_day(case), regime_data(case), bundle)
    return (way.amount, way.source) if way else (rules.amount, rules.source)


def charges_of(case: Case, bundle: Bundle, today: date) -> list[Charge]:
    """What is charged in the case, in the procedure's order. Raises RuleError; reads nothing where nothing is."""
    return [_charge(case, bundle, fee, today) for fee in bundle.fees]


def _charge(case: Case, bundle: Bundle, fee: Fee, today: date) -> Charge:
    day = today if fee.ruled_by == "paid" else regime_day(case)
    way = ruling(fee.amounts, day, regime_data(case), bundle)
    amount, source = (way.amount, way.source) if way else (fee.amount, fee.source)
    return Charge(fee.id, fee.title, fee_in_words(fee, amount), source, _why(bundle, fee, way, day))


def _why(bundle: Bundle, fee: Fee, way: FeeWhen | None, day: date) -> str:
    words = {"day": date_format(day, "SHORT_DATE_FORMAT")}
    if fee.ruled_by == "paid":
        told = [_("Se cobra lo que rija el día en que se pague; esto es lo que rige el %(day)s.") % words]
    else:
        told = [_("La solicitud se presentó el %(day)s, y conserva lo que regía ese día.") % words]
    if way is not None and way.when is not None:
        told.append(_("Se cumple esta regla: %(rule)s.") % {"rule": describe(way.when, bundle)})
    if way is not None and fee.ruled_by == "filed":
        told.append(days_in_words(way))
    return " ".join(filter(None, told))


def charges_or_none(case: Case, bundle: Bundle, today: date) -> list[Charge] | None:
    """For pages: what is charged, or None where a rule that decides it failed."""
    try:
        return charges_of(case, bundle, today)
    except RuleError:
        return None
