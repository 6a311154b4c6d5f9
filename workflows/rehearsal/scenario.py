"""A scenario: who does what, in order, and what must come of it. Kept in a file beside the procedure, not inside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from procedures.api import read_yaml

REFUSED = "refused"
"""What an entry expects that must not be let through: a piece of what the refusal says."""
EXPECTATIONS = frozenset({"open", "outcome", "notices", "acts", "incidents", "due", REFUSED})
COMMON = frozenset({"who", "at", "expects"})
OPENING = time(10)
"""Hour of the day at which an entry happens that names only a date."""


class BadScenario(ValueError):
    """A scenario that cannot be read; the text says where and what to write."""


@dataclass(frozen=True)
class Entry:
    """One thing that somebody does (`action` on `subject`), or that time does, and what must be true after it."""

    action: str
    subject: Any
    who: str = ""
    at: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    expects: Mapping[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """As it is written in the file."""
        head = {"who": self.who, "at": self.at}
        data = {key: value for key, value in head.items() if value} | {self.action: self.subject, **self.details}
        return data | ({"expects": dict(self.expects)} if self.expects else {})


@dataclass(frozen=True)
class Scenario:
    """A story with a title, beginning at an instant (ISO, in the agency's zone; a Wednesday morning by default)."""

    title: str
    story: tuple[Entry, ...]
    starts: str = "2026-03-04"
    names: Mapping[str, str] = field(default_factory=dict)
    """{label: name} of people whose name matters to the answers."""

    def as_data(self) -> dict[str, Any]:
        """As it is written in the file."""
        story = [entry.as_data() for entry in self.story]
        return {"title": self.title, "starts": self.starts, "names": dict(self.names), "story": story}


def read_scenarios(text: str, actions: Collection[str]) -> list[Scenario]:
    """The scenarios of a YAML text: one, or a list under `scenarios`. Raises BadScenario."""
    reading = read_yaml(text)
    if reading.data is None:
        fault = reading.findings[0]
        raise BadScenario(_("Línea %(line)s: %(what)s") % {"line": fault.line, "what": fault.message})
    data = reading.data
    listed = data["scenarios"] if isinstance(data, dict) and "scenarios" in data else [data]
    return [scenario_of(one, actions) for one in listed]


def scenario_of(data: Any, actions: Collection[str]) -> Scenario:
    """A scenario from plain data. Raises BadScenario."""
    if not isinstance(data, dict) or not isinstance(data.get("story"), list) or not data.get("title"):
        raise BadScenario(_("Una prueba se escribe con «title: …» y «story:», una lista de lo que pasa."))
    story = tuple(_entry(one, place, actions) for place, one in enumerate(data["story"], start=1))
    return Scenario(
        title=str(data["title"]),
        story=story,
        starts=str(data.get("starts") or Scenario.starts),
        names={str(label): str(name) for label, name in (data.get("names") or {}).items()},
    )


def _entry(data: Any, place: int, actions: Collection[str]) -> Entry:
    if not isinstance(data, dict):
        raise BadScenario(_("El renglón %(n)s de la prueba no dice quién hace qué.") % {"n": place})
    found = [key for key in data if key in actions]
    if not found:
        known = ", ".join(sorted(actions))
        raise BadScenario(
            _("El renglón %(n)s de la prueba no dice qué pasa. Escribe una de estas: %(known)s.")
            % {"n": place, "known": known}
        )
    expects = dict(data.get("expects") or {})
    unknown = sorted(expects.keys() - EXPECTATIONS)
    if unknown:
        raise BadScenario(
            _("El renglón %(n)s espera algo que no se puede comprobar: %(what)s.")
            % {"n": place, "what": ", ".join(unknown)}
        )
    action = found[0]
    return Entry(
        action=action,
        subject=data[action],
        who=str(data.get("who") or ""),
        at=str(data.get("at") or ""),
        details={key: value for key, value in data.items() if key not in COMMON and key != action},
        expects=expects,
    )


def instant(written: str, zone: str) -> datetime:
    """A written date or instant in the agency's zone. Raises BadScenario."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadScenario(
            _("«%(text)s» no es una fecha: escribe 2026-03-04 o 2026-03-04T15:30.") % {"text": written}
        ) from error
    if len(written) == len("2026-03-04"):
        moment = datetime.combine(date.fromisoformat(written), OPENING)
    return moment.replace(tzinfo=ZoneInfo(zone))
