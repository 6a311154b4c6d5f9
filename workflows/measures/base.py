"""The shape of a measure, the form behind it, and the one registry of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from legaltime.api import Place, local_date
from procedures.api import Bundle, Law, bundle_of
from workflows.controls import text_field
from workflows.models import Case
from workflows.separation import kept_out

Side = Literal["citizen", "desk"]


@dataclass
class Situation:
    """A case in front of somebody who may want to do something in it."""

    case: Case
    person: Person
    now: datetime

    @cached_property
    def bundle(self) -> Bundle:
        """The case's definition."""
        return bundle_of(self.case.version)

    @property
    def law(self) -> Law | None:
        """The legal blocks that its procedure uses."""
        return self.bundle.law

    @property
    def is_open(self) -> bool:
        """Whether the case has not ended."""
        return self.case.finished is None

    @cached_property
    def place(self) -> Place:
        """Where its agency sits."""
        return Place(commune=self.case.agency.commune, zone=self.case.agency.time_zone)

    @cached_property
    def today(self) -> date:
        """Today there."""
        return local_date(self.now, self.place.zone)

    @cached_property
    def keeps_out(self) -> bool:
        """Whether the person has no part in the case as an official (Ley 19.880 art. 12)."""
        return kept_out(self.case, self.person, self.today) is not None


class MeasureForm(forms.Form):
    """What is asked for a measure. Every one gives its reason: it stands in the act or in the file's history."""

    use_required_attribute = False
    reason = text_field(
        _("Motivo"), error=_("Escribe el motivo"), most=4000, too_long=_("Escribe menos de 4.000 caracteres"), rows=4
    )

    def __init__(self, data: Any = None, files: Any = None, *, situation: Situation) -> None:
        self.situation = situation
        super().__init__(data, files, auto_id="id-%s")
        self.prepare()

    def prepare(self) -> None:
        """Fill choices from the situation."""

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Give a field of choices its options; a lone one is chosen already."""
        field: Any = self.fields[name]
        field.choices = choices
        if len(choices) == 1:
            self.initial[name] = choices[0][0]


@dataclass(frozen=True)
class Done:
    """What came of a measure: what to say, and where to go (the case, when empty)."""

    message: str
    url: str = ""


@dataclass(frozen=True)
class Measure:
    """One thing that may be done in a case. `offers` feeds the links; the command asks again under the lock."""

    slug: str
    side: Side
    title: Any
    button: Any
    article: str
    help: Any
    form: type[MeasureForm]
    offers: Callable[[Situation], bool]
    do: Callable[[Situation, dict[str, Any]], Done]
    means: Callable[[Situation], str] | None = None
    """What it means in this very case, where the procedure decides that."""

    def is_offered(self, situation: Situation) -> bool:
        """Whether the person may take it now; nothing to an official who keeps out of the case (art. 12)."""
        return not (self.side == "desk" and situation.keeps_out) and self.offers(situation)


_MEASURES: dict[tuple[Side, str], Measure] = {}


def register(measure: Measure) -> None:
    """Add a measure, once."""
    _MEASURES[measure.side, measure.slug] = measure


def find(side: Side, slug: str) -> Measure | None:
    """The measure at an address."""
    return _MEASURES.get((side, slug))


def offered(side: Side, situation: Situation) -> Iterator[Measure]:
    """What may be done now, in the order registered."""
    for measure in _MEASURES.values():
        if measure.side == side and measure.is_offered(situation):
            yield measure
