"""Words that several pages share: last days, who applied, addresses of the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Agency
from legaltime.api import Place, business_days_between
from workflows.models import CaseParty
from workflows.rules import urgency


@dataclass(frozen=True)
class Due:
    """A last day in words ("2 días hábiles"), its date, and the kind of tag that shows it."""

    text: str = ""
    day: str = ""
    kind: str = ""
    note: str = ""


@dataclass
class DayCounter:
    """Counts business days for one page; each pair of place and day once."""

    today: date
    counted: dict[tuple[str, date], int] = field(default_factory=dict)

    def due(self, due_on: date | None, agency: Agency, note: str = "") -> Due:
        """Where a last day stands today, by the agency's calendar; empty without a last day."""
        if due_on is None:
            return Due(note=note)
        standing = urgency(due_on, self.today, self._business_days(due_on, agency))
        text, kind = in_words(standing.level, standing.business_days)
        return Due(text, date_format(due_on, "SHORT_DATE_FORMAT"), kind, note)

    def _business_days(self, due_on: date, agency: Agency) -> int:
        key = (agency.commune, due_on)
        if key not in self.counted:
            place = Place(commune=agency.commune, zone=agency.time_zone)
            self.counted[key] = abs(business_days_between(self.today, due_on, place))
        return self.counted[key]


def in_words(level: str, days: int) -> tuple[str, str]:
    """The words and the kind of tag of an urgency."""
    if level == "today":
        return _("vence hoy"), "warning"
    if level == "late":
        if not days:
            return _("atrasado"), "error"
        return ngettext("atrasado %(n)s día hábil", "atrasado %(n)s días hábiles", days) % {"n": days}, "error"
    text = ngettext("%(n)s día hábil", "%(n)s días hábiles", days) % {"n": days}
    return text, "warning" if level == "soon" else ""


def moment(instant: datetime | None, agency: Agency) -> str:
    """Day and hour at the agency's seat; "" without an instant."""
    return date_format(instant.astimezone(ZoneInfo(agency.time_zone)), "SHORT_DATETIME_FORMAT") if instant else ""


def names(applicants: Iterable[CaseParty]) -> str:
    """Who applied, in one line; an organisation with who acts for it."""
    return ", ".join(_name(party) for party in applicants)


def _name(party: CaseParty) -> str:
    if party.organisation_id is None or party.representative is None:
        return str(party)
    words = {"organisation": str(party), "who": str(party.representative)}
    return _("%(organisation)s, por %(who)s") % words


def amount_in_words(amount: int, unit: str) -> str:
    """A length of time: "5 días hábiles"."""
    forms: dict[str, Callable[[int], str]] = {
        "business_days": lambda n: ngettext("%(n)s día hábil", "%(n)s días hábiles", n),
        "calendar_days": lambda n: ngettext("%(n)s día corrido", "%(n)s días corridos", n),
        "months": lambda n: ngettext("%(n)s mes", "%(n)s meses", n),
        "hours": lambda n: ngettext("%(n)s hora", "%(n)s horas", n),
    }
    return forms[unit](amount) % {"n": amount}
